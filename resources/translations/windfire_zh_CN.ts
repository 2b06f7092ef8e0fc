<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
<context>
    <name></name>
    <message>
        <source>A render queue in the order that you drag it into.</source>
        <translation>你怎么拖动，渲染队列就怎么排。</translation>
    </message>
    <message>
        <source>Version {version}. Apache License 2.0.</source>
        <translation>版本 {version}。Apache License 2.0。</translation>
    </message>
    <message>
        <source>The farm runs version {version}.</source>
        <translation>农场运行的版本是 {version}。</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>关闭</translation>
    </message>
    <message>
        <source>of this source tree</source>
        <translation>来自此源代码目录</translation>
    </message>
    <message>
        <source>This desktop&apos;s own dispatcher and agent can go on without the window; the next `windfire` shows them again, and `windfire stop` ends them.</source>
        <translation>本机的调度器和代理可以在没有窗口时继续运行；下次运行 `windfire` 会再次显示它们，`windfire stop` 会结束它们。</translation>
    </message>
    <message>
        <source>Go on rendering?</source>
        <translation>继续渲染吗？</translation>
    </message>
    <message>
        <source>Do not ask again</source>
        <translation>不再询问</translation>
    </message>
    <message>
        <source>Go on rendering</source>
        <translation>继续渲染</translation>
    </message>
    <message>
        <source>Stop all</source>
        <translation>全部停止</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Asking the farm…</source>
        <translation>正在询问农场…</translation>
    </message>
    <message>
        <source>Why does it wait?</source>
        <translation>为什么在等待？</translation>
    </message>
    <message>
        <source>Ask again</source>
        <translation>再问一次</translation>
    </message>
    <message numerus="yes">
        <source>{n} frame(s)</source>
        <translation>
            <numerusform>{n} 帧</numerusform>
        </translation>
    </message>
    <message>
        <source>The farm does not notice: it goes on rendering, and the window goes on too. Please report the text below; it names no file of yours but those that were on show.</source>
        <translation>农场不受影响，会继续渲染，窗口也会继续工作。请报告下面的文字；除了正在显示的文件外，其中不会提到你的任何文件。</translation>
    </message>
    <message>
        <source>Something in this window went wrong</source>
        <translation>此窗口出了问题</translation>
    </message>
    <message>
        <source>What happened</source>
        <translation>发生了什么</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>复制</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>A pool keeps its nodes for the jobs that ask for it; a tag says what a node can do. Write them with blanks between.</source>
        <translation>节点池把节点留给指定它的作业；标签说明节点能做什么。用空格分隔。</translation>
    </message>
    <message numerus="yes">
        <source>{n} node(s)</source>
        <translation>
            <numerusform>{n} 个节点</numerusform>
        </translation>
    </message>
    <message>
        <source>Pools and tags of {nodes}</source>
        <translation>{nodes} 的节点池和标签</translation>
    </message>
    <message>
        <source>Pools</source>
        <translation>节点池</translation>
    </message>
    <message>
        <source>There are: {pools}</source>
        <translation>现有：{pools}</translation>
    </message>
    <message>
        <source>Tags</source>
        <translation>标签</translation>
    </message>
    <message>
        <source>Save</source>
        <translation>保存</translation>
    </message>
    <message>
        <source>The first of the chosen shots gets this number, from 1 to {last}.</source>
        <translation>所选镜头中的第一个将排到此位置，范围 1 到 {last}。</translation>
    </message>
    <message>
        <source>Move to position</source>
        <translation>移到位置</translation>
    </message>
    <message>
        <source>Position in the queue</source>
        <translation>队列中的位置</translation>
    </message>
    <message>
        <source>Move</source>
        <translation>移动</translation>
    </message>
    <message>
        <source>As the desktop</source>
        <translation>跟随桌面</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>深色</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>浅色</translation>
    </message>
    <message>
        <source>A shot is finished</source>
        <translation>镜头已完成</translation>
    </message>
    <message>
        <source>A shot has failed frames</source>
        <translation>镜头有失败的帧</translation>
    </message>
    <message>
        <source>A promise will be late</source>
        <translation>承诺将会延误</translation>
    </message>
    <message>
        <source>A node is lost</source>
        <translation>节点失联</translation>
    </message>
    <message>
        <source>Connecting</source>
        <translation>正在连接</translation>
    </message>
    <message>
        <source>Live</source>
        <translation>实时</translation>
    </message>
    <message>
        <source>Lost</source>
        <translation>失联</translation>
    </message>
    <message>
        <source>Not let in</source>
        <translation>未获准进入</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>设置</translation>
    </message>
    <message>
        <source>Appearance</source>
        <translation>外观</translation>
    </message>
    <message>
        <source>Notifications</source>
        <translation>通知</translation>
    </message>
    <message>
        <source>Connection</source>
        <translation>连接</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>主题</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>语言</translation>
    </message>
    <message>
        <source>Size of everything</source>
        <translation>整体大小</translation>
    </message>
    <message>
        <source>Quiet hours, when nothing is shown</source>
        <translation>免打扰时段，期间不显示任何通知</translation>
    </message>
    <message>
        <source>Quiet from</source>
        <translation>免打扰开始</translation>
    </message>
    <message>
        <source>Quiet until</source>
        <translation>免打扰结束</translation>
    </message>
    <message>
        <source>The size changes when Windfire is opened the next time.</source>
        <translation>大小在下次打开 Windfire 时生效。</translation>
    </message>
    <message>
        <source>QT_SCALE_FACTOR is set where Windfire was started, and decides the size.</source>
        <translation>启动 Windfire 的环境中设置了 QT_SCALE_FACTOR，由它决定大小。</translation>
    </message>
    <message>
        <source>Tell on the desktop when</source>
        <translation>在以下情况发送桌面通知</translation>
    </message>
    <message>
        <source>from</source>
        <translation>从</translation>
    </message>
    <message>
        <source>until</source>
        <translation>到</translation>
    </message>
    <message>
        <source>What came in the quiet hours is told in one line when they are over.</source>
        <translation>免打扰时段内的消息在结束后合并为一行显示。</translation>
    </message>
    <message>
        <source>State</source>
        <translation>状态</translation>
    </message>
    <message>
        <source>Version of the farm</source>
        <translation>农场版本</translation>
    </message>
    <message>
        <source>Runs since</source>
        <translation>运行始于</translation>
    </message>
    <message>
        <source>Data</source>
        <translation>数据</translation>
    </message>
    <message>
        <source>Ask again when the window closes</source>
        <translation>关闭窗口时重新询问</translation>
    </message>
    <message>
        <source>Promise {shots}</source>
        <translation>承诺 {shots}</translation>
    </message>
    <message>
        <source>10:00   fri 18:00   tomorrow 9   in 3 h</source>
        <translation>10:00   fri 18:00   tomorrow 9   in 3 h</translation>
    </message>
    <message>
        <source>Day and time</source>
        <translation>日期和时间</translation>
    </message>
    <message>
        <source>Warn when it slips</source>
        <translation>延误时警告</translation>
    </message>
    <message>
        <source>Promise</source>
        <translation>承诺</translation>
    </message>
    <message>
        <source>Take back</source>
        <translation>收回</translation>
    </message>
    <message>
        <source>Choose a moment, or type one.</source>
        <translation>选择一个时刻，或直接输入。</translation>
    </message>
    <message>
        <source>A moment looks like 10:00, fri 18:00 or 2026-12-04 18:00.</source>
        <translation>时刻的写法如 10:00、fri 18:00 或 2026-12-04 18:00。</translation>
    </message>
    <message>
        <source>That is past.</source>
        <translation>该时刻已过去。</translation>
    </message>
    <message>
        <source>{moment}, in {time}.</source>
        <translation>{moment}，还有 {time}。</translation>
    </message>
    <message>
        <source>As the queue stands, nine times in ten all is done by {last}.</source>
        <translation>按现在的队列，十有八九在 {last} 前全部完成。</translation>
    </message>
    <message>
        <source>As the queue stands it may take until {last}: move it up to keep this.</source>
        <translation>按现在的队列可能要到 {last}：把它上移才能守住承诺。</translation>
    </message>
    <message>
        <source>They take no other work until then, and join in again by themselves. What runs there now ends first.</source>
        <translation>在此之前它们不接受其他工作，之后自动恢复。正在运行的会先做完。</translation>
    </message>
    <message>
        <source>Reserve {nodes}</source>
        <translation>预留 {nodes}</translation>
    </message>
    <message>
        <source>For whom</source>
        <translation>留给谁</translation>
    </message>
    <message>
        <source>Nobody: an artist works there</source>
        <translation>不给项目：有艺术家在使用</translation>
    </message>
    <message>
        <source>Until when</source>
        <translation>到何时</translation>
    </message>
    <message>
        <source>Reserve</source>
        <translation>预留</translation>
    </message>
    <message>
        <source>For</source>
        <translation>留给</translation>
    </message>
    <message>
        <source>Until</source>
        <translation>直到</translation>
    </message>
    <message>
        <source>A moment to come looks like 18:00, fri 9:00 or in 3 h.</source>
        <translation>未来时刻的写法如 18:00、fri 9:00 或 in 3 h。</translation>
    </message>
    <message>
        <source>Add a shot</source>
        <translation>添加镜头</translation>
    </message>
    <message>
        <source>Reading {file}…</source>
        <translation>正在读取 {file}…</translation>
    </message>
    <message>
        <source>One that sees everything</source>
        <translation>能看到全部内容的摄像机</translation>
    </message>
    <message>
        <source>At the bottom of the queue</source>
        <translation>队列末尾</translation>
    </message>
    <message>
        <source>At the top of the queue</source>
        <translation>队列最前</translation>
    </message>
    <message>
        <source>Before {shot}</source>
        <translation>{shot} 之前</translation>
    </message>
    <message>
        <source>Handing it in…</source>
        <translation>正在提交…</translation>
    </message>
    <message>
        <source>Add {shot}</source>
        <translation>添加 {shot}</translation>
    </message>
    <message>
        <source>Drop a USD or glTF scene, a .blend or the folder of a job bundle on the window, or choose one here. What it says of itself is filled in.</source>
        <translation>把 USD 或 glTF 场景、.blend 文件或作业包文件夹拖到窗口上，或在此选择。文件自身的信息会自动填入。</translation>
    </message>
    <message>
        <source>A scene, a .blend, or the folder of a job bundle</source>
        <translation>场景、.blend 文件或作业包文件夹</translation>
    </message>
    <message>
        <source>1001-1100, 1001-1100x2 or 1,5,10-12</source>
        <translation>1001-1100、1001-1100x2 或 1,5,10-12</translation>
    </message>
    <message>
        <source>Width in pixels</source>
        <translation>宽度（像素）</translation>
    </message>
    <message>
        <source>Height in pixels</source>
        <translation>高度（像素）</translation>
    </message>
    <message>
        <source>Samples a pixel</source>
        <translation>每像素采样数</translation>
    </message>
    <message>
        <source>Scene file</source>
        <translation>场景文件</translation>
    </message>
    <message>
        <source>Camera</source>
        <translation>摄像机</translation>
    </message>
    <message>
        <source>Place in the queue</source>
        <translation>队列中的位置</translation>
    </message>
    <message>
        <source>Project</source>
        <translation>项目</translation>
    </message>
    <message>
        <source>Sequence</source>
        <translation>场次</translation>
    </message>
    <message>
        <source>Shot</source>
        <translation>镜头</translation>
    </message>
    <message>
        <source>Frames</source>
        <translation>帧</translation>
    </message>
    <message>
        <source>Program and arguments</source>
        <translation>程序及参数</translation>
    </message>
    <message>
        <source>Folder for the frames</source>
        <translation>帧的输出文件夹</translation>
    </message>
    <message>
        <source>Name of a frame&apos;s file</source>
        <translation>帧文件名</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>选择…</translation>
    </message>
    <message>
        <source>Choose a scene file</source>
        <translation>选择场景文件</translation>
    </message>
    <message>
        <source>Bundle…</source>
        <translation>作业包…</translation>
    </message>
    <message>
        <source>Program…</source>
        <translation>程序…</translation>
    </message>
    <message>
        <source>Choose the folder of a job bundle</source>
        <translation>选择作业包文件夹</translation>
    </message>
    <message>
        <source>Run any program</source>
        <translation>运行任意程序</translation>
    </message>
    <message>
        <source>Add shot</source>
        <translation>添加镜头</translation>
    </message>
    <message>
        <source>Project, sequence, shot</source>
        <translation>项目、场次、镜头</translation>
    </message>
    <message>
        <source>Program</source>
        <translation>程序</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>尺寸</translation>
    </message>
    <message>
        <source>Samples</source>
        <translation>采样数</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>文件夹</translation>
    </message>
    <message>
        <source>File name</source>
        <translation>文件名</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>参数</translation>
    </message>
    <message>
        <source>Place</source>
        <translation>位置</translation>
    </message>
    <message>
        <source>Scenes</source>
        <translation>场景</translation>
    </message>
    <message>
        <source>Choose a scene</source>
        <translation>选择场景</translation>
    </message>
    <message>
        <source>Say what to run, such as: oiiotool in.{frame}.exr -o {output}</source>
        <translation>请写明要运行的命令，例如：oiiotool in.{frame}.exr -o {output}</translation>
    </message>
    <message>
        <source>Say into which folder {output} goes.</source>
        <translation>请写明 {output} 存放的文件夹。</translation>
    </message>
    <message>
        <source>A picture is 1 to {most} pixels wide and high.</source>
        <translation>图像的宽和高为 1 到 {most} 像素。</translation>
    </message>
    <message>
        <source>A pixel takes 1 to {most} samples.</source>
        <translation>每像素采样 1 到 {most} 次。</translation>
    </message>
    <message numerus="yes">
        <source>{n} step(s): {steps}; {place}.</source>
        <translation>
            <numerusform>{n} 个步骤：{steps}；{place}。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} task(s), {place}.</source>
        <translation>
            <numerusform>{n} 个任务，{place}。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} frame(s) of {width} × {height} pixels by Blender, {place}.</source>
        <translation>
            <numerusform>由 Blender 渲染 {n} 帧，{width} × {height} 像素，{place}。</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} frame(s) of {width} × {height} pixels, {samples} samples each, {place}.</source>
        <translation>
            <numerusform>{n} 帧，{width} × {height} 像素，每像素 {samples} 次采样，{place}。</numerusform>
        </translation>
    </message>
    <message>
        <source>at the bottom of the queue</source>
        <translation>排在队列末尾</translation>
    </message>
    <message>
        <source>at the top of the queue</source>
        <translation>排在队列最前</translation>
    </message>
    <message>
        <source>before {shot}</source>
        <translation>排在 {shot} 之前</translation>
    </message>
    <message>
        <source>Paste this line into a terminal of the machine that shall render. It works once, for an hour, and makes the machine&apos;s own key: give it to nobody else.</source>
        <translation>把这一行粘贴到要参与渲染的机器的终端中。它在一小时内只能使用一次，并为该机器生成自己的密钥：不要交给其他人。</translation>
    </message>
    <message>
        <source>Add a node</source>
        <translation>添加节点</translation>
    </message>
    <message>
        <source>Command for the new node</source>
        <translation>新节点要运行的命令</translation>
    </message>
    <message>
        <source>Asking the farm for a token…</source>
        <translation>正在向农场申请令牌…</translation>
    </message>
    <message>
        <source>Make a join token</source>
        <translation>生成加入令牌</translation>
    </message>
    <message>
        <source>Copied.</source>
        <translation>已复制。</translation>
    </message>
    <message>
        <source>Overdue</source>
        <translation>已逾期</translation>
    </message>
    <message>
        <source>Later</source>
        <translation>以后</translation>
    </message>
    <message>
        <source>No promise</source>
        <translation>无承诺</translation>
    </message>
    <message>
        <source>Finished</source>
        <translation>已完成</translation>
    </message>
    <message>
        <source>Before dailies</source>
        <translation>样片审看前</translation>
    </message>
    <message>
        <source>Tonight</source>
        <translation>今晚</translation>
    </message>
    <message>
        <source>This week</source>
        <translation>本周</translation>
    </message>
    <message>
        <source>Next week</source>
        <translation>下周</translation>
    </message>
    <message>
        <source>{time} over</source>
        <translation>超时 {time}</translation>
    </message>
    <message>
        <source>kept</source>
        <translation>已兑现</translation>
    </message>
    <message>
        <source>late by {time}</source>
        <translation>晚 {time}</translation>
    </message>
    <message>
        <source>no forecast</source>
        <translation>无预测</translation>
    </message>
    <message>
        <source>at risk</source>
        <translation>有风险</translation>
    </message>
    <message>
        <source>{time} spare</source>
        <translation>余量 {time}</translation>
    </message>
    <message>
        <source>{shot} was promised for {due}, and is not done.</source>
        <translation>{shot} 承诺 {due} 交付，尚未完成。</translation>
    </message>
    <message>
        <source>{shot} was promised for {due}, and will be done at {finish}.</source>
        <translation>{shot} 承诺 {due} 交付，预计 {finish} 完成。</translation>
    </message>
    <message>
        <source>Picture of the frame</source>
        <translation>帧画面</translation>
    </message>
    <message>
        <source>Frames of {shot}</source>
        <translation>{shot} 的帧</translation>
    </message>
    <message>
        <source>Frame</source>
        <translation>帧</translation>
    </message>
    <message>
        <source>Version</source>
        <translation>版本</translation>
    </message>
    <message>
        <source>Compare with</source>
        <translation>对比</translation>
    </message>
    <message>
        <source>Plane</source>
        <translation>图层</translation>
    </message>
    <message>
        <source>Frames a second</source>
        <translation>每秒帧数</translation>
    </message>
    <message>
        <source>Exposure in half stops</source>
        <translation>曝光（半档）</translation>
    </message>
    <message>
        <source>Exposure; click to put it back to 0</source>
        <translation>曝光；点击归零</translation>
    </message>
    <message>
        <source>One frame back</source>
        <translation>后退一帧</translation>
    </message>
    <message>
        <source>One frame on</source>
        <translation>前进一帧</translation>
    </message>
    <message>
        <source>Exposure</source>
        <translation>曝光</translation>
    </message>
    <message>
        <source>nothing</source>
        <translation>无</translation>
    </message>
    <message>
        <source>This shot writes no pictures.</source>
        <translation>此镜头不输出图像。</translation>
    </message>
    <message>
        <source>Frame {frame} is not finished yet</source>
        <translation>第 {frame} 帧尚未完成</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>停止</translation>
    </message>
    <message>
        <source>Play the finished frames</source>
        <translation>播放已完成的帧</translation>
    </message>
    <message>
        <source>Save the movie</source>
        <translation>保存影片</translation>
    </message>
    <message>
        <source>Stop the movie</source>
        <translation>停止制作影片</translation>
    </message>
    <message>
        <source>Save a movie…</source>
        <translation>保存影片…</translation>
    </message>
    <message>
        <source>The decoder ended while it read {file}.</source>
        <translation>解码器在读取 {file} 时退出。</translation>
    </message>
    <message>
        <source>Frames of the shot</source>
        <translation>镜头的帧</translation>
    </message>
    <message>
        <source>{step}, frame {frame}</source>
        <translation>{step}，第 {frame} 帧</translation>
    </message>
    <message>
        <source>{percent} % on {node}</source>
        <translation>{percent} %，在 {node}</translation>
    </message>
    <message>
        <source>No picture of this frame yet</source>
        <translation>此帧还没有图像</translation>
    </message>
    <message>
        <source>Choose a shot</source>
        <translation>选择一个镜头</translation>
    </message>
    <message>
        <source>Frame {frame}</source>
        <translation>第 {frame} 帧</translation>
    </message>
    <message>
        <source>on {node}</source>
        <translation>在 {node}</translation>
    </message>
    <message>
        <source>pass {done} / {all}</source>
        <translation>遍 {done} / {all}</translation>
    </message>
    <message numerus="yes">
        <source>{done} of {n} sample(s)</source>
        <translation>
            <numerusform>采样 {done} / {n}</numerusform>
        </translation>
    </message>
    <message>
        <source>Picture</source>
        <translation>画面</translation>
    </message>
    <message>
        <source>Log</source>
        <translation>日志</translation>
    </message>
    <message>
        <source>Nodes</source>
        <translation>节点</translation>
    </message>
    <message>
        <source>Farm</source>
        <translation>农场</translation>
    </message>
    <message>
        <source>Load earlier lines</source>
        <translation>加载更早的内容</translation>
    </message>
    <message>
        <source>Go to the error line</source>
        <translation>跳到错误行</translation>
    </message>
    <message>
        <source>Go to the end and stay there</source>
        <translation>跳到末尾并跟随</translation>
    </message>
    <message>
        <source>Copy the path of the log file</source>
        <translation>复制日志文件路径</translation>
    </message>
    <message>
        <source>Log of the task</source>
        <translation>任务日志</translation>
    </message>
    <message>
        <source>Choose a frame to read its log.</source>
        <translation>选择一帧以查看日志。</translation>
    </message>
    <message>
        <source>This frame has written nothing.</source>
        <translation>此帧没有输出任何日志。</translation>
    </message>
    <message>
        <source>Queue</source>
        <translation>队列</translation>
    </message>
    <message>
        <source>Shots in order</source>
        <translation>按顺序排列的镜头</translation>
    </message>
    <message>
        <source>Wall</source>
        <translation>节点墙</translation>
    </message>
    <message>
        <source>Every node at a glance</source>
        <translation>一眼看到所有节点</translation>
    </message>
    <message>
        <source>Morning</source>
        <translation>晨报</translation>
    </message>
    <message>
        <source>What the night brought</source>
        <translation>昨夜概况</translation>
    </message>
    <message>
        <source>Trends</source>
        <translation>趋势</translation>
    </message>
    <message>
        <source>The farm over time</source>
        <translation>农场随时间的变化</translation>
    </message>
    <message numerus="yes">
        <source>{done} of {n} frame(s) done</source>
        <translation>
            <numerusform>已完成 {done} / {n} 帧</numerusform>
        </translation>
    </message>
    <message>
        <source>&amp;Undo {what}</source>
        <translation>撤销(&amp;U) {what}</translation>
    </message>
    <message>
        <source>&amp;Redo {what}</source>
        <translation>重做(&amp;R) {what}</translation>
    </message>
    <message>
        <source>Retry a frame</source>
        <translation>重试一帧</translation>
    </message>
    <message>
        <source>This frame does not run now.</source>
        <translation>此帧现在没有运行。</translation>
    </message>
    <message>
        <source>Kill {frame}</source>
        <translation>终止 {frame}</translation>
    </message>
    <message>
        <source>Killed {frame}. It will be rendered again.</source>
        <translation>已终止 {frame}。它会重新渲染。</translation>
    </message>
    <message>
        <source>Open log</source>
        <translation>打开日志</translation>
    </message>
    <message>
        <source>Show shot</source>
        <translation>显示镜头</translation>
    </message>
    <message>
        <source>Failed, by cause</source>
        <translation>失败（按原因）</translation>
    </message>
    <message>
        <source>Stuck</source>
        <translation>卡住</translation>
    </message>
    <message>
        <source>Later than they were</source>
        <translation>比原来晚</translation>
    </message>
    <message>
        <source>Idle nodes</source>
        <translation>空闲节点</translation>
    </message>
    <message numerus="yes">
        <source>{n} failed</source>
        <comment>attempts</comment>
        <translation>
            <numerusform>{n} 个失败</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} frame(s) left</source>
        <translation>
            <numerusform>剩 {n} 帧</numerusform>
        </translation>
    </message>
    <message>
        <source>nothing left to do</source>
        <translation>没有剩余工作</translation>
    </message>
    <message>
        <source>in {shots}</source>
        <translation>在 {shots}</translation>
    </message>
    <message>
        <source>on {nodes}</source>
        <translation>在 {nodes}</translation>
    </message>
    <message>
        <source>{shot} frame {frame} on {node}</source>
        <translation>{shot} 第 {frame} 帧，在 {node}</translation>
    </message>
    <message>
        <source>running for {time}</source>
        <translation>已运行 {time}</translation>
    </message>
    <message>
        <source>its like take {time}</source>
        <translation>同类通常 {time}</translation>
    </message>
    <message>
        <source>Now at {finish}.</source>
        <translation>现在预计 {finish}。</translation>
    </message>
    <message>
        <source>for {time}</source>
        <translation>已 {time}</translation>
    </message>
    <message>
        <source>in time</source>
        <translation>按时</translation>
    </message>
    <message numerus="yes">
        <source>{names} and {n} more</source>
        <translation>
            <numerusform>{names} 等另外 {n} 个</numerusform>
        </translation>
    </message>
    <message>
        <source>Refresh</source>
        <translation>刷新</translation>
    </message>
    <message>
        <source>A quiet night: nothing happened.</source>
        <translation>平静的一夜：什么都没发生。</translation>
    </message>
    <message>
        <source>Done: {what}</source>
        <translation>完成：{what}</translation>
    </message>
    <message>
        <source>shots finished</source>
        <translation>镜头完成</translation>
    </message>
    <message>
        <source>frames done</source>
        <translation>帧完成</translation>
    </message>
    <message>
        <source>frames failed now</source>
        <translation>帧处于失败</translation>
    </message>
    <message>
        <source>stuck</source>
        <translation>卡住</translation>
    </message>
    <message>
        <source>idle nodes</source>
        <translation>空闲节点</translation>
    </message>
    <message>
        <source>of the farm used</source>
        <translation>农场利用率</translation>
    </message>
    <message>
        <source>Since {since}; as of {at}.</source>
        <translation>自 {since} 起；截至 {at}。</translation>
    </message>
    <message>
        <source>This is no longer so.</source>
        <translation>情况已变。</translation>
    </message>
    <message numerus="yes">
        <source>Show {n} more</source>
        <translation>
            <numerusform>再显示 {n} 个</numerusform>
        </translation>
    </message>
    <message>
        <source>Reserve {nodes} until {time}</source>
        <translation>预留 {nodes} 到 {time}</translation>
    </message>
    <message>
        <source>Free {nodes}</source>
        <translation>释放 {nodes}</translation>
    </message>
    <message>
        <source>asked…</source>
        <translation>已请求…</translation>
    </message>
    <message>
        <source>{project} until {time}</source>
        <translation>{project}，到 {time}</translation>
    </message>
    <message>
        <source>Kept free until {time}</source>
        <translation>空置到 {time}</translation>
    </message>
    <message numerus="yes">
        <source>{n} GPU(s)</source>
        <translation>
            <numerusform>{n} 个 GPU</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} core(s)</source>
        <translation>
            <numerusform>{n} 核</numerusform>
        </translation>
    </message>
    <message>
        <source>Rendering</source>
        <translation>渲染中</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>完成</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>失败</translation>
    </message>
    <message>
        <source>Made room</source>
        <translation>让位</translation>
    </message>
    <message>
        <source>Ended</source>
        <translation>已终止</translation>
    </message>
    <message>
        <source>Now</source>
        <translation>现在</translation>
    </message>
    <message>
        <source>What it did</source>
        <translation>以往工作</translation>
    </message>
    <message>
        <source>Outcome</source>
        <translation>结果</translation>
    </message>
    <message>
        <source>Began</source>
        <translation>开始</translation>
    </message>
    <message>
        <source>Took</source>
        <translation>用时</translation>
    </message>
    <message>
        <source>Why</source>
        <translation>原因</translation>
    </message>
    <message>
        <source>This node is no longer of the farm.</source>
        <translation>此节点已不属于农场。</translation>
    </message>
    <message>
        <source>Nothing.</source>
        <translation>无。</translation>
    </message>
    <message>
        <source>{shot}, frame {frame}: {percent} % after {time}</source>
        <translation>{shot}，第 {frame} 帧：{time} 后 {percent} %</translation>
    </message>
    <message>
        <source>Load of the node</source>
        <translation>节点负载</translation>
    </message>
    <message>
        <source>CPU</source>
        <translation>CPU</translation>
    </message>
    <message>
        <source>GPU</source>
        <translation>GPU</translation>
    </message>
    <message>
        <source>Temperature</source>
        <translation>温度</translation>
    </message>
    <message>
        <source>Power</source>
        <translation>功率</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>内存</translation>
    </message>
    <message>
        <source>pools: {pools}</source>
        <translation>节点池：{pools}</translation>
    </message>
    <message>
        <source>tags: {tags}</source>
        <translation>标签：{tags}</translation>
    </message>
    <message>
        <source>{n} GFLOP/s</source>
        <translation>{n} GFLOP/s</translation>
    </message>
    <message>
        <source>disk {rate}/s</source>
        <translation>磁盘 {rate}/s</translation>
    </message>
    <message numerus="yes">
        <source>{n} frame(s) done</source>
        <translation>
            <numerusform>完成 {n} 帧</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} failed</source>
        <translation>
            <numerusform>{n} 个失败</numerusform>
        </translation>
    </message>
    <message>
        <source>Node</source>
        <translation>节点</translation>
    </message>
    <message>
        <source>Working on</source>
        <translation>正在处理</translation>
    </message>
    <message>
        <source>last heard {when}</source>
        <translation>最后消息 {when}</translation>
    </message>
    <message>
        <source>No nodes yet</source>
        <translation>还没有节点</translation>
    </message>
    <message>
        <source>Add this or any other machine of the studio: one line to paste there.</source>
        <translation>添加本机或工作室的任何机器：只需在那里粘贴一行命令。</translation>
    </message>
    <message>
        <source>Drain {nodes}</source>
        <translation>排空 {nodes}</translation>
    </message>
    <message>
        <source>Put {nodes} to work</source>
        <translation>让 {nodes} 恢复工作</translation>
    </message>
    <message numerus="yes">
        <source>All {n} frame(s) are done.</source>
        <translation>
            <numerusform>全部 {n} 帧已完成。</numerusform>
        </translation>
    </message>
    <message>
        <source>{shot} is finished</source>
        <translation>{shot} 已完成</translation>
    </message>
    <message>
        <source>{shot} has failed</source>
        <translation>{shot} 失败</translation>
    </message>
    <message>
        <source>Its frames go on elsewhere when their leases are over.</source>
        <translation>租约到期后，它的帧会在别处继续。</translation>
    </message>
    <message>
        <source>{node} is lost</source>
        <translation>{node} 失联</translation>
    </message>
    <message numerus="yes">
        <source>{n} shot(s) are finished</source>
        <translation>
            <numerusform>{n} 个镜头已完成</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} shot(s) have failed</source>
        <translation>
            <numerusform>{n} 个镜头失败</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} promise(s) will be late</source>
        <translation>
            <numerusform>{n} 个承诺将会延误</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} node(s) are lost</source>
        <translation>
            <numerusform>{n} 个节点失联</numerusform>
        </translation>
    </message>
    <message>
        <source>Not done: the farm cannot be reached, and what is shown may be old.</source>
        <translation>未执行：无法连接农场，显示的内容可能已过时。</translation>
    </message>
    <message>
        <source>Undo: {what}</source>
        <translation>撤销：{what}</translation>
    </message>
    <message>
        <source>Redo: {what}</source>
        <translation>重做：{what}</translation>
    </message>
    <message>
        <source>Devices at work, %</source>
        <translation>工作中的设备，%</translation>
    </message>
    <message>
        <source>GPUs</source>
        <translation>GPU</translation>
    </message>
    <message>
        <source>Cores</source>
        <translation>CPU 核</translation>
    </message>
    <message>
        <source>Tasks a minute</source>
        <translation>每分钟任务数</translation>
    </message>
    <message>
        <source>Tasks in the queue</source>
        <translation>队列中的任务</translation>
    </message>
    <message>
        <source>Ready</source>
        <translation>就绪</translation>
    </message>
    <message>
        <source>Waiting</source>
        <translation>等待</translation>
    </message>
    <message>
        <source>Load by node and time</source>
        <translation>各节点随时间的负载</translation>
    </message>
    <message>
        <source>{node}, {percent} % on average</source>
        <translation>{node}，平均 {percent} %</translation>
    </message>
    <message>
        <source>Loading the plots…</source>
        <translation>正在加载图表…</translation>
    </message>
    <message>
        <source>Load of the farm</source>
        <translation>农场负载</translation>
    </message>
    <message>
        <source>Finished a minute</source>
        <translation>每分钟完成</translation>
    </message>
    <message>
        <source>CPU by node</source>
        <translation>各节点 CPU</translation>
    </message>
    <message>
        <source>{m} min</source>
        <translation>{m} 分钟</translation>
    </message>
    <message>
        <source>now</source>
        <translation>现在</translation>
    </message>
    <message>
        <source>1 hour</source>
        <translation>1 小时</translation>
    </message>
    <message>
        <source>24 hours</source>
        <translation>24 小时</translation>
    </message>
    <message>
        <source>90 days</source>
        <translation>90 天</translation>
    </message>
    <message>
        <source>Hours by project</source>
        <translation>各项目用时</translation>
    </message>
    <message>
        <source>GPU-hours by project</source>
        <translation>各项目 GPU 时</translation>
    </message>
    <message>
        <source>Core-hours by project</source>
        <translation>各项目核时</translation>
    </message>
    <message>
        <source>The farm keeps its history from now on.</source>
        <translation>农场从现在开始记录历史。</translation>
    </message>
    <message>
        <source>The last {span}</source>
        <translation>最近 {span}</translation>
    </message>
    <message>
        <source>How far forecasts were right</source>
        <translation>预测准确度</translation>
    </message>
    <message>
        <source>Done by the first time, and by the second: an honest forecast has 50 % and 90 %.</source>
        <translation>在第一个时间前完成和在第二个时间前完成的比例：诚实的预测应为 50 % 和 90 %。</translation>
    </message>
    <message>
        <source>Projects and forecasts</source>
        <translation>项目与预测</translation>
    </message>
    <message>
        <source>All</source>
        <translation>全部</translation>
    </message>
    <message>
        <source>Under 1 h ahead</source>
        <translation>提前不到 1 小时</translation>
    </message>
    <message>
        <source>1 h to 8 h</source>
        <translation>1 到 8 小时</translation>
    </message>
    <message>
        <source>8 h to 1 day</source>
        <translation>8 小时到 1 天</translation>
    </message>
    <message>
        <source>Over 1 day</source>
        <translation>超过 1 天</translation>
    </message>
    <message>
        <source>{n} GPU-h</source>
        <translation>{n} GPU 时</translation>
    </message>
    <message>
        <source>{n} core-h</source>
        <translation>{n} 核时</translation>
    </message>
    <message>
        <source>Nothing was rendered.</source>
        <translation>没有渲染任何内容。</translation>
    </message>
    <message>
        <source>{percent} % of {n} GPU-h</source>
        <translation>{n} GPU 时的 {percent} %</translation>
    </message>
    <message>
        <source>{percent} % of {n} core-h</source>
        <translation>{n} 核时的 {percent} %</translation>
    </message>
    <message>
        <source>No forecast has been put to the test yet.</source>
        <translation>还没有可以检验的预测。</translation>
    </message>
    <message>
        <source>{p50} %  /  {p90} %</source>
        <translation>{p50} %  /  {p90} %</translation>
    </message>
    <message numerus="yes">
        <source>{n} forecast(s)</source>
        <translation>
            <numerusform>{n} 次预测</numerusform>
        </translation>
    </message>
    <message>
        <source>{ahead}: {p50} % done by the first time, {p90} % by the second</source>
        <translation>{ahead}：{p50} % 在第一个时间前完成，{p90} % 在第二个时间前完成</translation>
    </message>
    <message>
        <source>frame {frame} of {shot} on {node}</source>
        <translation>{node} 上 {shot} 的第 {frame} 帧</translation>
    </message>
    <message>
        <source>Order by due date</source>
        <translation>按交付时间排序</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>进度</translation>
    </message>
    <message>
        <source>Running</source>
        <translation>运行中</translation>
    </message>
    <message>
        <source>Finish</source>
        <translation>预计完成</translation>
    </message>
    <message>
        <source>Due</source>
        <translation>承诺</translation>
    </message>
    <message>
        <source>Artist</source>
        <translation>艺术家</translation>
    </message>
    <message>
        <source>Note</source>
        <translation>备注</translation>
    </message>
    <message>
        <source>As likely before as after {even}; nine times in ten by {late}.</source>
        <translation>早于或晚于 {even} 的可能各半；十有九次在 {late} 前完成。</translation>
    </message>
    <message>
        <source>{promise}. You will be told when it slips.</source>
        <translation>{promise}。延误时会通知你。</translation>
    </message>
    <message numerus="yes">
        <source>{done} of {n} task(s) done</source>
        <translation>
            <numerusform>已完成 {done} / {n} 个任务</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} running</source>
        <translation>
            <numerusform>{n} 个运行中</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} cancelled</source>
        <translation>
            <numerusform>{n} 个已取消</numerusform>
        </translation>
    </message>
    <message>
        <source>Already there</source>
        <translation>已经在那里</translation>
    </message>
    <message>
        <source>{shots}: no promise</source>
        <translation>{shots}：取消承诺</translation>
    </message>
    <message>
        <source>{shots} for {due}</source>
        <translation>{shots}，承诺 {due}</translation>
    </message>
    <message>
        <source>{shots} for {due}, before {other}</source>
        <translation>{shots}，承诺 {due}，排在 {other} 之前</translation>
    </message>
    <message>
        <source>{shots} to the top, now</source>
        <translation>{shots} 移到最前，立即</translation>
    </message>
    <message>
        <source>{shots} to the top</source>
        <translation>{shots} 移到最前</translation>
    </message>
    <message>
        <source>{shots} to the bottom</source>
        <translation>{shots} 移到末尾</translation>
    </message>
    <message>
        <source>{shots} before {other}, now</source>
        <translation>{shots} 移到 {other} 之前，立即</translation>
    </message>
    <message>
        <source>{shots} before {other}</source>
        <translation>{shots} 移到 {other} 之前</translation>
    </message>
    <message>
        <source>{shot} misses {due}</source>
        <translation>{shot} 赶不上 {due}</translation>
    </message>
    <message>
        <source>{shot} at risk for {due}</source>
        <translation>{shot} 有可能赶不上 {due}</translation>
    </message>
    <message>
        <source>{shot} makes {due}</source>
        <translation>{shot} 赶得上 {due}</translation>
    </message>
    <message>
        <source>, </source>
        <comment>between clauses</comment>
        <translation>，</translation>
    </message>
    <message>
        <source>done by {last}, in time</source>
        <translation>{last} 前完成，来得及</translation>
    </message>
    <message>
        <source>done by {last}, too late</source>
        <translation>{last} 前完成，来不及</translation>
    </message>
    <message>
        <source>nobody later</source>
        <translation>没有镜头推迟</translation>
    </message>
    <message numerus="yes">
        <source>{n} shot(s) later, most {shot}</source>
        <translation>
            <numerusform>{n} 个镜头推迟，最多的是 {shot}</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{clause} and {n} more</source>
        <translation>
            <numerusform>{clause}，另有 {n} 个</numerusform>
        </translation>
    </message>
    <message>
        <source>{shot} still misses {due}</source>
        <translation>{shot} 仍赶不上 {due}</translation>
    </message>
    <message>
        <source>nobody misses {due}</source>
        <translation>没有镜头赶不上 {due}</translation>
    </message>
    <message numerus="yes">
        <source>{n} shot(s)</source>
        <translation>
            <numerusform>{n} 个镜头</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} task(s)</source>
        <translation>
            <numerusform>{n} 个任务</numerusform>
        </translation>
    </message>
    <message>
        <source>drop shots here</source>
        <translation>把镜头拖到这里</translation>
    </message>
    <message numerus="yes">
        <source>{n} late</source>
        <translation>
            <numerusform>{n} 个延误</numerusform>
        </translation>
    </message>
    <message>
        <source>Queue order</source>
        <translation>队列顺序</translation>
    </message>
    <message>
        <source>Shots in the order in which the farm takes them</source>
        <translation>按农场处理的先后排列镜头</translation>
    </message>
    <message>
        <source>By project</source>
        <translation>按项目</translation>
    </message>
    <message>
        <source>Shots under their sequences and projects</source>
        <translation>按场次和项目分组的镜头</translation>
    </message>
    <message>
        <source>By due date</source>
        <translation>按交付时间</translation>
    </message>
    <message>
        <source>Shots under what they are promised for; drag to promise</source>
        <translation>按承诺时间分组的镜头；拖动即可承诺</translation>
    </message>
    <message>
        <source>Search shots</source>
        <translation>搜索镜头</translation>
    </message>
    <message>
        <source>Nothing to render yet</source>
        <translation>还没有要渲染的内容</translation>
    </message>
    <message>
        <source>Drop a USD file here, or run  make demo  for a small film.</source>
        <translation>把 USD 文件拖到这里，或运行  make demo  渲染一部短片。</translation>
    </message>
    <message>
        <source>Move {shots} to the top</source>
        <translation>将 {shots} 移到最前</translation>
    </message>
    <message>
        <source>Move {shots} to the bottom</source>
        <translation>将 {shots} 移到末尾</translation>
    </message>
    <message>
        <source>Move {shots}</source>
        <translation>移动 {shots}</translation>
    </message>
    <message>
        <source>Move {shots} before {other}</source>
        <translation>将 {shots} 移到 {other} 之前</translation>
    </message>
    <message>
        <source>Pause {shots}</source>
        <translation>暂停 {shots}</translation>
    </message>
    <message>
        <source>Resume {shots}</source>
        <translation>继续 {shots}</translation>
    </message>
    <message>
        <source>Cancel {shots}</source>
        <translation>取消 {shots}</translation>
    </message>
    <message>
        <source>Retry {shots}</source>
        <translation>重试 {shots}</translation>
    </message>
    <message>
        <source>Words, or a field: state:failed,paused  user:ann  due:late,risk  node:ember</source>
        <translation>关键词，或字段：state:failed,paused  user:ann  due:late,risk  node:ember</translation>
    </message>
    <message numerus="yes">
        <source>{n} change(s) waiting</source>
        <translation>
            <numerusform>{n} 项变化待显示</numerusform>
        </translation>
    </message>
    <message>
        <source>No shot matches</source>
        <translation>没有匹配的镜头</translation>
    </message>
    <message>
        <source>Clear the search to see all of them.</source>
        <translation>清除搜索即可看到全部镜头。</translation>
    </message>
    <message>
        <source>Connecting to the farm…</source>
        <translation>正在连接农场…</translation>
    </message>
    <message>
        <source>Take back the promise of {shots}</source>
        <translation>收回 {shots} 的承诺</translation>
    </message>
    <message>
        <source>Promise {shots} for {due}</source>
        <translation>承诺 {shots} 于 {due} 交付</translation>
    </message>
    <message>
        <source>Saved searches</source>
        <translation>已保存的搜索</translation>
    </message>
    <message>
        <source>Save this search…</source>
        <translation>保存此搜索…</translation>
    </message>
    <message>
        <source>Forget</source>
        <translation>忘记</translation>
    </message>
    <message>
        <source>Save this search</source>
        <translation>保存此搜索</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>名称</translation>
    </message>
    <message>
        <source>A name, such as: mine that failed</source>
        <translation>名称，例如：我的失败镜头</translation>
    </message>
    <message>
        <source>Queue of shots</source>
        <translation>镜头队列</translation>
    </message>
    <message>
        <source>Publishing</source>
        <translation>发布中</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>已暂停</translation>
    </message>
    <message>
        <source>Cancelled</source>
        <translation>已取消</translation>
    </message>
    <message>
        <source>Idle</source>
        <translation>空闲</translation>
    </message>
    <message>
        <source>Busy</source>
        <translation>忙碌</translation>
    </message>
    <message>
        <source>Draining</source>
        <translation>排空中</translation>
    </message>
    <message>
        <source>Drained</source>
        <translation>已排空</translation>
    </message>
    <message>
        <source>Offline</source>
        <translation>离线</translation>
    </message>
    <message>
        <source>Export as CSV</source>
        <translation>导出为 CSV</translation>
    </message>
    <message>
        <source>CSV files (*.csv)</source>
        <translation>CSV 文件 (*.csv)</translation>
    </message>
    <message>
        <source>{rows} rows are in {file}.</source>
        <translation>{file} 中有 {rows} 行。</translation>
    </message>
    <message>
        <source>{file} cannot be written: {why}. Choose another folder.</source>
        <translation>无法写入 {file}：{why}。请选择其他文件夹。</translation>
    </message>
    <message>
        <source>on time</source>
        <translation>按时</translation>
    </message>
    <message>
        <source>late</source>
        <translation>延误</translation>
    </message>
    <message>
        <source>Place in queue</source>
        <translation>队列位置</translation>
    </message>
    <message>
        <source>Frames done</source>
        <translation>完成的帧</translation>
    </message>
    <message>
        <source>Frames running</source>
        <translation>运行中的帧</translation>
    </message>
    <message>
        <source>Frames failed</source>
        <translation>失败的帧</translation>
    </message>
    <message>
        <source>Progress in percent</source>
        <translation>进度（百分比）</translation>
    </message>
    <message>
        <source>Nodes at work</source>
        <translation>工作中的节点</translation>
    </message>
    <message>
        <source>Finish (as likely before)</source>
        <translation>预计完成（可能各半）</translation>
    </message>
    <message>
        <source>Finish (nine times in ten)</source>
        <translation>预计完成（十有九次）</translation>
    </message>
    <message>
        <source>Finished at</source>
        <translation>完成时间</translation>
    </message>
    <message>
        <source>Promised for</source>
        <translation>承诺时间</translation>
    </message>
    <message>
        <source>Submitted at</source>
        <translation>提交时间</translation>
    </message>
    <message>
        <source>Why it waits</source>
        <translation>等待原因</translation>
    </message>
    <message>
        <source>Newest error</source>
        <translation>最新错误</translation>
    </message>
    <message>
        <source>Memory in GiB</source>
        <translation>内存（GiB）</translation>
    </message>
    <message>
        <source>Attempts running</source>
        <translation>运行中的尝试</translation>
    </message>
    <message>
        <source>CPU in percent</source>
        <translation>CPU（百分比）</translation>
    </message>
    <message>
        <source>Memory used in percent</source>
        <translation>内存占用（百分比）</translation>
    </message>
    <message>
        <source>GPU in percent</source>
        <translation>GPU（百分比）</translation>
    </message>
    <message>
        <source>Last heard</source>
        <translation>最后消息</translation>
    </message>
    <message>
        <source>Reserved until</source>
        <translation>预留到</translation>
    </message>
    <message>
        <source>Reserved for</source>
        <translation>预留给</translation>
    </message>
    <message>
        <source>Platform</source>
        <translation>平台</translation>
    </message>
    <message>
        <source>Step</source>
        <translation>步骤</translation>
    </message>
    <message>
        <source>First frame</source>
        <translation>首帧</translation>
    </message>
    <message>
        <source>Last frame</source>
        <translation>末帧</translation>
    </message>
    <message>
        <source>Attempt</source>
        <translation>尝试</translation>
    </message>
    <message>
        <source>Attempts</source>
        <translation>尝试次数</translation>
    </message>
    <message>
        <source>GPU hours</source>
        <translation>GPU 时</translation>
    </message>
    <message>
        <source>Core hours</source>
        <translation>核时</translation>
    </message>
    <message>
        <source>Energy in kWh</source>
        <translation>能耗（kWh）</translation>
    </message>
    <message>
        <source>Hours of attempts that came to nothing</source>
        <translation>无果尝试的用时</translation>
    </message>
    <message>
        <source>Mon</source>
        <translation>周一</translation>
    </message>
    <message>
        <source>Tue</source>
        <translation>周二</translation>
    </message>
    <message>
        <source>Wed</source>
        <translation>周三</translation>
    </message>
    <message>
        <source>Thu</source>
        <translation>周四</translation>
    </message>
    <message>
        <source>Fri</source>
        <translation>周五</translation>
    </message>
    <message>
        <source>Sat</source>
        <translation>周六</translation>
    </message>
    <message>
        <source>Sun</source>
        <translation>周日</translation>
    </message>
    <message>
        <source>Jan</source>
        <translation>1月</translation>
    </message>
    <message>
        <source>Feb</source>
        <translation>2月</translation>
    </message>
    <message>
        <source>Mar</source>
        <translation>3月</translation>
    </message>
    <message>
        <source>Apr</source>
        <translation>4月</translation>
    </message>
    <message>
        <source>May</source>
        <translation>5月</translation>
    </message>
    <message>
        <source>Jun</source>
        <translation>6月</translation>
    </message>
    <message>
        <source>Jul</source>
        <translation>7月</translation>
    </message>
    <message>
        <source>Aug</source>
        <translation>8月</translation>
    </message>
    <message>
        <source>Sep</source>
        <translation>9月</translation>
    </message>
    <message>
        <source>Oct</source>
        <translation>10月</translation>
    </message>
    <message>
        <source>Nov</source>
        <translation>11月</translation>
    </message>
    <message>
        <source>Dec</source>
        <translation>12月</translation>
    </message>
    <message>
        <source>tomorrow {time}</source>
        <translation>明天 {time}</translation>
    </message>
    <message>
        <source>{weekday} {time}</source>
        <translation>{weekday} {time}</translation>
    </message>
    <message>
        <source>{day} {month} {time}</source>
        <translation>{month}{day}日 {time}</translation>
    </message>
    <message>
        <source>{day} {month}</source>
        <translation>{month}{day}日</translation>
    </message>
    <message>
        <source>{s} s</source>
        <translation>{s} 秒</translation>
    </message>
    <message>
        <source>{h} h</source>
        <translation>{h} 小时</translation>
    </message>
    <message>
        <source>{h} h {m} min</source>
        <translation>{h} 小时 {m} 分</translation>
    </message>
    <message>
        <source>{d} d {h} h</source>
        <translation>{d} 天 {h} 小时</translation>
    </message>
    <message>
        <source>{d} d</source>
        <translation>{d} 天</translation>
    </message>
    <message>
        <source>just now</source>
        <translation>刚刚</translation>
    </message>
    <message>
        <source>{time} ago</source>
        <translation>{time}前</translation>
    </message>
    <message>
        <source>Show Windfire</source>
        <translation>显示 Windfire</translation>
    </message>
    <message>
        <source>Settings…</source>
        <translation>设置…</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>退出</translation>
    </message>
    <message>
        <source>Each node of the farm will stand here, in a place of its own.</source>
        <translation>农场的每个节点都会显示在这里，各有固定的位置。</translation>
    </message>
    <message>
        <source>Show {measure}</source>
        <translation>显示{measure}</translation>
    </message>
    <message>
        <source>What the colours mean</source>
        <translation>颜色的含义</translation>
    </message>
    <message>
        <source>CPU {percent} %</source>
        <translation>CPU {percent} %</translation>
    </message>
    <message>
        <source>GPU {percent} %</source>
        <translation>GPU {percent} %</translation>
    </message>
    <message>
        <source>{hot} °C, {watts} W</source>
        <translation>{hot} °C，{watts} W</translation>
    </message>
    <message>
        <source>memory {percent} %</source>
        <translation>内存 {percent} %</translation>
    </message>
    <message>
        <source>kept for {project} until {time}</source>
        <translation>为 {project} 保留到 {time}</translation>
    </message>
    <message>
        <source>kept free until {time}</source>
        <translation>空置到 {time}</translation>
    </message>
    <message>
        <source>Farm wall</source>
        <translation>节点墙</translation>
    </message>
    <message>
        <source>No pool</source>
        <translation>无节点池</translation>
    </message>
    <message>
        <source>Reset columns</source>
        <translation>重置列</translation>
    </message>
    <message>
        <source>Float {panel}</source>
        <translation>浮动{panel}</translation>
    </message>
    <message>
        <source>Close {panel}</source>
        <translation>关闭{panel}</translation>
    </message>
    <message>
        <source>Connecting…</source>
        <translation>正在连接…</translation>
    </message>
    <message>
        <source>The dispatcher has not been heard for {time}.</source>
        <translation>已有 {time} 没有收到调度器的消息。</translation>
    </message>
    <message>
        <source>Connecting to the dispatcher.</source>
        <translation>正在连接调度器。</translation>
    </message>
    <message>
        <source>Connection: {state}</source>
        <translation>连接：{state}</translation>
    </message>
    <message>
        <source>What is shown is what is.</source>
        <translation>显示的就是现状。</translation>
    </message>
    <message>
        <source>Lost, {when}</source>
        <translation>失联，{when}</translation>
    </message>
    <message>
        <source>Nothing can be changed until it is heard again.</source>
        <translation>恢复联系之前无法做任何更改。</translation>
    </message>
    <message>
        <source>Queue done</source>
        <translation>队列已完成</translation>
    </message>
    <message numerus="yes">
        <source>{n} shot(s) to go</source>
        <translation>
            <numerusform>还有 {n} 个镜头</numerusform>
        </translation>
    </message>
    <message>
        <source>Queue done at {time}</source>
        <translation>队列预计 {time} 完成</translation>
    </message>
    <message numerus="yes">
        <source>{busy} of {n} device(s) busy</source>
        <translation>
            <numerusform>{busy} / {n} 个设备忙碌</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} node(s) away</source>
        <translation>
            <numerusform>{n} 个节点不在</numerusform>
        </translation>
    </message>
    <message>
        <source>&amp;Add shot…</source>
        <translation>添加镜头(&amp;A)…</translation>
    </message>
    <message>
        <source>Hand in a USD scene as a shot</source>
        <translation>将 USD 场景作为镜头提交</translation>
    </message>
    <message>
        <source>Export the &amp;queue…</source>
        <translation>导出队列(&amp;Q)…</translation>
    </message>
    <message>
        <source>Write the shots that are shown as CSV, for a spreadsheet</source>
        <translation>将显示的镜头写成 CSV，供电子表格使用</translation>
    </message>
    <message>
        <source>Export the &amp;nodes…</source>
        <translation>导出节点(&amp;N)…</translation>
    </message>
    <message>
        <source>Write all nodes and their loads as CSV</source>
        <translation>将所有节点及其负载写成 CSV</translation>
    </message>
    <message>
        <source>Export the &amp;frames of the shot…</source>
        <translation>导出镜头的帧(&amp;F)…</translation>
    </message>
    <message>
        <source>Write the frames of the chosen shot as CSV</source>
        <translation>将所选镜头的帧写成 CSV</translation>
    </message>
    <message>
        <source>Export the &amp;usage…</source>
        <translation>导出用量(&amp;U)…</translation>
    </message>
    <message>
        <source>Write what each project used each month as CSV</source>
        <translation>将各项目每月用量写成 CSV</translation>
    </message>
    <message>
        <source>&amp;Quit</source>
        <translation>退出(&amp;Q)</translation>
    </message>
    <message>
        <source>Close the window</source>
        <translation>关闭窗口</translation>
    </message>
    <message>
        <source>&amp;Undo</source>
        <translation>撤销(&amp;U)</translation>
    </message>
    <message>
        <source>Take back what was done last</source>
        <translation>收回上一步操作</translation>
    </message>
    <message>
        <source>&amp;Redo</source>
        <translation>重做(&amp;R)</translation>
    </message>
    <message>
        <source>Do again what was undone</source>
        <translation>重做被撤销的操作</translation>
    </message>
    <message>
        <source>&amp;Find</source>
        <translation>查找(&amp;F)</translation>
    </message>
    <message>
        <source>Go to the search box</source>
        <translation>转到搜索框</translation>
    </message>
    <message>
        <source>Move &amp;up</source>
        <translation>上移(&amp;U)</translation>
    </message>
    <message>
        <source>Move the chosen shots one line up</source>
        <translation>将所选镜头上移一行</translation>
    </message>
    <message>
        <source>Move &amp;down</source>
        <translation>下移(&amp;D)</translation>
    </message>
    <message>
        <source>Move them one line down</source>
        <translation>将它们下移一行</translation>
    </message>
    <message>
        <source>Move to &amp;top</source>
        <translation>移到最前(&amp;T)</translation>
    </message>
    <message>
        <source>Render the chosen shots next</source>
        <translation>接下来就渲染所选镜头</translation>
    </message>
    <message>
        <source>Move to &amp;bottom</source>
        <translation>移到末尾(&amp;B)</translation>
    </message>
    <message>
        <source>Render the chosen shots last</source>
        <translation>最后渲染所选镜头</translation>
    </message>
    <message>
        <source>Move to &amp;position…</source>
        <translation>移到位置(&amp;P)…</translation>
    </message>
    <message>
        <source>Give the first of them a number in the queue</source>
        <translation>指定其中第一个在队列中的位置</translation>
    </message>
    <message>
        <source>Move &amp;before…</source>
        <translation>移到…之前(&amp;B)</translation>
    </message>
    <message>
        <source>Point at the place, or go there with the arrow keys; a click or Return puts them down</source>
        <translation>指向目标位置，或用方向键移动；单击或回车放下</translation>
    </message>
    <message>
        <source>Pro&amp;mise…</source>
        <translation>承诺(&amp;M)…</translation>
    </message>
    <message>
        <source>Promise the chosen shots for a day and time</source>
        <translation>承诺所选镜头的交付日期和时间</translation>
    </message>
    <message>
        <source>&amp;Order by due date</source>
        <translation>按交付时间排序(&amp;O)</translation>
    </message>
    <message>
        <source>Sort what is promised by its date; shots without one keep their places</source>
        <translation>按日期排列有承诺的镜头；没有承诺的保持原位</translation>
    </message>
    <message>
        <source>P&amp;ause</source>
        <translation>暂停(&amp;A)</translation>
    </message>
    <message>
        <source>Assign nothing more; what runs ends</source>
        <translation>不再分配；正在运行的会做完</translation>
    </message>
    <message>
        <source>&amp;Resume</source>
        <translation>继续(&amp;R)</translation>
    </message>
    <message>
        <source>Let them be assigned again</source>
        <translation>允许再次分配</translation>
    </message>
    <message>
        <source>R&amp;etry failed</source>
        <translation>重试失败的帧(&amp;E)</translation>
    </message>
    <message>
        <source>Make failed and cancelled frames ready again</source>
        <translation>让失败和已取消的帧重新就绪</translation>
    </message>
    <message>
        <source>&amp;Cancel</source>
        <translation>取消(&amp;C)</translation>
    </message>
    <message>
        <source>End what is unfinished; running frames are stopped</source>
        <translation>结束未完成的工作；正在运行的帧会被停止</translation>
    </message>
    <message>
        <source>Why does it &amp;wait?</source>
        <translation>为什么在等待(&amp;W)？</translation>
    </message>
    <message>
        <source>Say why the chosen shot is not running, and what would change it</source>
        <translation>说明所选镜头为什么没有运行，以及怎样改变</translation>
    </message>
    <message>
        <source>Retry this &amp;frame</source>
        <translation>重试此帧(&amp;F)</translation>
    </message>
    <message>
        <source>Make the chosen frame ready again</source>
        <translation>让所选帧重新就绪</translation>
    </message>
    <message>
        <source>&amp;Kill this frame</source>
        <translation>终止此帧(&amp;K)</translation>
    </message>
    <message>
        <source>End the chosen frame&apos;s attempt now; it will be rendered again</source>
        <translation>立即终止所选帧的本次尝试；它会重新渲染</translation>
    </message>
    <message>
        <source>&amp;Add node…</source>
        <translation>添加节点(&amp;A)…</translation>
    </message>
    <message>
        <source>Let another machine of the studio render</source>
        <translation>让工作室的另一台机器参与渲染</translation>
    </message>
    <message>
        <source>&amp;Drain</source>
        <translation>排空(&amp;D)</translation>
    </message>
    <message>
        <source>Assign nothing more to the chosen nodes; what runs there ends</source>
        <translation>不再给所选节点分配工作；正在运行的会做完</translation>
    </message>
    <message>
        <source>&amp;Put to work</source>
        <translation>恢复工作(&amp;P)</translation>
    </message>
    <message>
        <source>Let the chosen nodes work again</source>
        <translation>让所选节点重新工作</translation>
    </message>
    <message>
        <source>&amp;Reserve until…</source>
        <translation>预留到(&amp;R)…</translation>
    </message>
    <message>
        <source>Keep the chosen nodes for a project or an artist for a while</source>
        <translation>把所选节点暂时留给某个项目或艺术家</translation>
    </message>
    <message>
        <source>&amp;Free again</source>
        <translation>解除预留(&amp;F)</translation>
    </message>
    <message>
        <source>End the reservation of the chosen nodes</source>
        <translation>结束所选节点的预留</translation>
    </message>
    <message>
        <source>P&amp;ools and tags…</source>
        <translation>节点池和标签(&amp;O)…</translation>
    </message>
    <message>
        <source>Say to which pools the chosen nodes belong and what they can do</source>
        <translation>指定所选节点属于哪些节点池、能做什么</translation>
    </message>
    <message>
        <source>&amp;Look into it…</source>
        <translation>查看详情(&amp;L)…</translation>
    </message>
    <message>
        <source>Show the node&apos;s load, its work and what it did</source>
        <translation>显示节点的负载、当前工作和以往工作</translation>
    </message>
    <message>
        <source>&amp;Queue order</source>
        <translation>队列顺序(&amp;Q)</translation>
    </message>
    <message>
        <source>By &amp;project</source>
        <translation>按项目(&amp;P)</translation>
    </message>
    <message>
        <source>By &amp;due date</source>
        <translation>按交付时间(&amp;D)</translation>
    </message>
    <message>
        <source>Shots under what they are promised for; drag from one to another to promise</source>
        <translation>按承诺时间分组的镜头；在分组间拖动即可承诺</translation>
    </message>
    <message>
        <source>&amp;Compact lines</source>
        <translation>紧凑行(&amp;C)</translation>
    </message>
    <message>
        <source>One row of text a shot</source>
        <translation>每个镜头一行文字</translation>
    </message>
    <message>
        <source>&amp;Finished at the bottom</source>
        <translation>已完成的排在最后(&amp;F)</translation>
    </message>
    <message>
        <source>Done and cancelled shots below all others</source>
        <translation>完成和已取消的镜头排在其他镜头下面</translation>
    </message>
    <message>
        <source>P&amp;lay frames…</source>
        <translation>播放帧(&amp;L)…</translation>
    </message>
    <message>
        <source>Play the shot&apos;s finished frames, look into pixels, compare versions</source>
        <translation>播放镜头已完成的帧，查看像素，比较版本</translation>
    </message>
    <message>
        <source>Picture: &amp;fit</source>
        <translation>画面：适合窗口(&amp;F)</translation>
    </message>
    <message>
        <source>Show the whole picture</source>
        <translation>显示整个画面</translation>
    </message>
    <message>
        <source>Picture: &amp;100 %</source>
        <translation>画面：100 %(&amp;1)</translation>
    </message>
    <message>
        <source>A pixel of the picture is a pixel of the screen</source>
        <translation>画面的一个像素对应屏幕的一个像素</translation>
    </message>
    <message>
        <source>&amp;Morning</source>
        <translation>晨报(&amp;M)</translation>
    </message>
    <message>
        <source>What the night brought: finished, failed, stuck, idle, late</source>
        <translation>昨夜概况：完成、失败、卡住、空闲、延误</translation>
    </message>
    <message>
        <source>Farm &amp;wall</source>
        <translation>节点墙(&amp;W)</translation>
    </message>
    <message>
        <source>&amp;Trends</source>
        <translation>趋势(&amp;T)</translation>
    </message>
    <message>
        <source>The farm over an hour, a day or 90 days</source>
        <translation>农场在一小时、一天或 90 天内的变化</translation>
    </message>
    <message>
        <source>&amp;Settings…</source>
        <translation>设置(&amp;S)…</translation>
    </message>
    <message>
        <source>Theme, language, size, notifications</source>
        <translation>主题、语言、大小、通知</translation>
    </message>
    <message>
        <source>Reset &amp;layout</source>
        <translation>重置布局(&amp;L)</translation>
    </message>
    <message>
        <source>Put all panels back where they were at first</source>
        <translation>把所有面板放回最初的位置</translation>
    </message>
    <message>
        <source>&amp;About Windfire</source>
        <translation>关于 Windfire(&amp;A)</translation>
    </message>
    <message>
        <source>Version and licence</source>
        <translation>版本和许可证</translation>
    </message>
    <message>
        <source>&amp;File</source>
        <translation>文件(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;Edit</source>
        <translation>编辑(&amp;E)</translation>
    </message>
    <message>
        <source>&amp;Queue</source>
        <translation>队列(&amp;Q)</translation>
    </message>
    <message>
        <source>&amp;Nodes</source>
        <translation>节点(&amp;N)</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>视图(&amp;V)</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>帮助(&amp;H)</translation>
    </message>
    <message numerus="yes">
        <source>and {n} more</source>
        <translation>
            <numerusform>及另外 {n} 个</numerusform>
        </translation>
    </message>
    <message>
        <source>in {time}</source>
        <translation>{time}后</translation>
    </message>
    <message>
        <source>{file} cannot be handed in: that takes {known} or the folder of a job bundle.</source>
        <translation>无法提交 {file}：可提交 {known} 或作业包文件夹。</translation>
    </message>
    <message>
        <source>The command has a quotation mark without its other.</source>
        <translation>命令中有未配对的引号。</translation>
    </message>
    <message>
        <source>Movie: {done} of {count} frames</source>
        <translation>影片：{count} 帧中的 {done} 帧</translation>
    </message>
    <message>
        <source>The movie is in {file}</source>
        <translation>影片已保存到 {file}</translation>
    </message>
    <message>
        <source>The movie was given up</source>
        <translation>已放弃制作影片</translation>
    </message>
    <message>
        <source>The movie could not be made</source>
        <translation>无法制作影片</translation>
    </message>
</context>
</TS>
