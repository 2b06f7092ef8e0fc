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
        <source>Scene, .blend or job bundle</source>
        <translation>场景、.blend 或作业包</translation>
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
        <source>{n} times as long as the median</source>
        <translation>为中位数的 {n} 倍</translation>
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
        <source>Show</source>
        <translation>显示</translation>
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
        <source>{n} shot(s) finished</source>
        <translation>
            <numerusform>{n} 个镜头已完成</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} attempt(s) failed</source>
        <translation>
            <numerusform>{n} 次尝试失败</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} promise(s) in danger</source>
        <translation>
            <numerusform>{n} 个承诺有风险</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} frame(s) stuck</source>
        <translation>
            <numerusform>{n} 帧卡住</numerusform>
        </translation>
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
        <source>Wake {nodes}</source>
        <translation>唤醒 {nodes}</translation>
    </message>
    <message>
        <source>Woke {nodes}: a machine takes a minute or two to answer.</source>
        <translation>已唤醒 {nodes}：机器需要一两分钟才会应答。</translation>
    </message>
    <message>
        <source>Put {nodes} to sleep</source>
        <translation>使 {nodes} 休眠</translation>
    </message>
    <message>
        <source>{nodes}: sent to sleep until somebody wakes it.</source>
        <translation>{nodes}：已休眠，直到有人唤醒。</translation>
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
        <source>asleep for {time}</source>
        <translation>已休眠 {time}</translation>
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
        <source>Load of the farm, %</source>
        <translation>农场负载，%</translation>
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
        <source>Drop a USD or glTF scene, a .blend or a job bundle here. windfire demo renders a small film.</source>
        <translation>将 USD 或 glTF 场景、.blend 文件或作业包拖到这里。windfire demo 可渲染一部小短片。</translation>
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
        <source>Asleep</source>
        <translation>休眠</translation>
    </message>
    <message>
        <source>Waking</source>
        <translation>唤醒中</translation>
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
        <source>{n} node(s) asleep</source>
        <translation>
            <numerusform>{n} 个节点休眠</numerusform>
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
        <source>&amp;Wake up</source>
        <translation>唤醒(&amp;W)</translation>
    </message>
    <message>
        <source>Switch on the chosen nodes&apos; machines</source>
        <translation>开启所选节点的机器</translation>
    </message>
    <message>
        <source>Put to &amp;sleep</source>
        <translation>使其休眠(&amp;S)</translation>
    </message>
    <message>
        <source>Suspend the chosen nodes&apos; machines until somebody wakes them; those that work go on</source>
        <translation>让所选节点的机器休眠，直到有人唤醒；正在工作的继续</translation>
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
        <source>Frame ti&amp;mes</source>
        <translation>帧用时(&amp;M)</translation>
    </message>
    <message>
        <source>Colour the frames that are done by how long they took</source>
        <translation>按用时为已完成的帧着色</translation>
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
    <message>
        <source>That was node death {deaths} under this frame.</source>
        <translation>这是该帧第 {deaths} 次遇到节点失效。</translation>
    </message>
    <message>
        <source>Rank {task} of its gang ended without a result.</source>
        <translation>其编组中的第 {task} 号没有给出结果就结束了。</translation>
    </message>
    <message>
        <source>Its frame is not put together of pieces any more.</source>
        <translation>该帧不再由分块拼合。</translation>
    </message>
    <message>
        <source>{project} has used up its budget.</source>
        <translation>{project} 的预算已用尽。</translation>
    </message>
    <message>
        <source>{project} has used {warn} of its budget.</source>
        <translation>{project} 已用掉预算的 {warn}。</translation>
    </message>
    <message>
        <source>None of these shots has a due date.</source>
        <translation>这些镜头都没有截止时间。</translation>
    </message>
    <message>
        <source>A submission, an undo, a key or a token goes alone.</source>
        <translation>提交、撤销、密钥或令牌须单独发出。</translation>
    </message>
    <message>
        <source>A rank is not a number.</source>
        <translation>某个次序不是数字。</translation>
    </message>
    <message>
        <source>Nothing of this is unfinished, so there is nothing to cancel.</source>
        <translation>其中没有未完成的内容，无可取消。</translation>
    </message>
    <message>
        <source>Cancelled by {user}.</source>
        <translation>已由 {user} 取消。</translation>
    </message>
    <message>
        <source>Nothing of this failed or was cancelled, so there is nothing to retry.</source>
        <translation>其中没有失败或被取消的内容，无可重试。</translation>
    </message>
    <message>
        <source>{names}: not connected, so it cannot be told to update.</source>
        <translation>{names}：未连接，无法通知其更新。</translation>
    </message>
    <message>
        <source>That is not a CURVE public key: it has 40 characters.</source>
        <translation>这不是 CURVE 公钥：公钥有 40 个字符。</translation>
    </message>
    <message>
        <source>A person is a viewer, an artist, a supervisor or an admin.</source>
        <translation>人员的角色是观察者、艺术家、主管或管理员。</translation>
    </message>
    <message>
        <source>A key&apos;s name has 1 to 64 printable characters.</source>
        <translation>密钥名称须为 1 到 64 个可打印字符。</translation>
    </message>
    <message>
        <source>That key is a node&apos;s: a person has one of their own.</source>
        <translation>该密钥属于节点：人员须有自己的密钥。</translation>
    </message>
    <message>
        <source>That key is not on the list.</source>
        <translation>该密钥不在名单上。</translation>
    </message>
    <message>
        <source>That is the last admin&apos;s key: add another admin first.</source>
        <translation>这是最后一位管理员的密钥：请先添加另一位管理员。</translation>
    </message>
    <message>
        <source>The reservation would be over already: name a later time.</source>
        <translation>该保留时间已过：请给出更晚的时间。</translation>
    </message>
    <message>
        <source>A limit counts from 0 to {count_max}, and so does what is owned.</source>
        <translation>限额及其归属数量须在 0 到 {count_max} 之间。</translation>
    </message>
    <message>
        <source>The projects own {values} of {name}, which has only {count}.</source>
        <translation>各项目共占有 {values} 个 {name}，而总数只有 {count}。</translation>
    </message>
    <message>
        <source>There is no limit {name}.</source>
        <translation>没有名为 {name} 的限额。</translation>
    </message>
    <message>
        <source>That would guarantee {promised} of the farm&apos;s devices in all.</source>
        <translation>这样一来，保证的份额合计会达到农场设备的 {promised}。</translation>
    </message>
    <message>
        <source>A budget has at most {hours_max} hours.</source>
        <translation>预算最多为 {hours_max} 小时。</translation>
    </message>
    <message>
        <source>A budget warns at more than 0 and at most 1 of it.</source>
        <translation>预算的提醒点须大于 0 且不超过 1。</translation>
    </message>
    <message>
        <source>{project} has no budget.</source>
        <translation>{project} 没有预算。</translation>
    </message>
    <message>
        <source>A node has at most {words_max} {what}s.</source>
        <translation>一个节点最多有 {words_max} 个{what}。</translation>
    </message>
    <message>
        <source>These nodes are awake.</source>
        <translation>这些节点已经醒着。</translation>
    </message>
    <message>
        <source>{mute}: its hardware address is not known, so it cannot be woken from here.</source>
        <translation>{mute}：硬件地址未知，无法从这里唤醒。</translation>
    </message>
    <message>
        <source>Nodes idle for at most {minutes_max} minutes, a week.</source>
        <translation>空闲时间最多 {minutes_max} 分钟，即一周。</translation>
    </message>
    <message>
        <source>{whose} has no rule for idle sleep.</source>
        <translation>{whose}没有空闲休眠规则。</translation>
    </message>
    <message>
        <source>{name} is not connected, so it cannot be put to sleep.</source>
        <translation>{name} 未连接，无法使其休眠。</translation>
    </message>
    <message>
        <source>{name} cannot be put to sleep: its agent knows no command for it.</source>
        <translation>无法使 {name} 休眠：其代理程序没有相应的命令。</translation>
    </message>
    <message>
        <source>{name} runs something: drain it first, and wait until it is idle.</source>
        <translation>{name} 正在运行任务：请先排空并等它空闲。</translation>
    </message>
    <message>
        <source>{name} names no network card, so nobody could wake it again.</source>
        <translation>{name} 没有报告网卡，无法再唤醒它。</translation>
    </message>
    <message>
        <source>Ended by {user}{what}.</source>
        <translation>已由 {user} 结束{what}。</translation>
    </message>
    <message>
        <source>None of this failed or was cancelled, so there is nothing to skip.</source>
        <translation>其中没有失败或被取消的内容，无可跳过。</translation>
    </message>
    <message>
        <source>The reason of a kill has at most {why_max} printable characters.</source>
        <translation>结束的理由最多 {why_max} 个可打印字符。</translation>
    </message>
    <message>
        <source>None of this runs now, so there is nothing to end.</source>
        <translation>其中没有正在运行的内容，无可结束。</translation>
    </message>
    <message>
        <source>{name} is over: {counts} of {counts2} frames are done.</source>
        <translation>{name} 已结束：{counts2} 帧中完成了 {counts} 帧。</translation>
    </message>
    <message>
        <source>is ready</source>
        <translation>已就绪</translation>
    </message>
    <message>
        <source>publishes its files</source>
        <translation>正在发布文件</translation>
    </message>
    <message>
        <source>is done</source>
        <translation>已完成</translation>
    </message>
    <message>
        <source>was cancelled</source>
        <translation>已取消</translation>
    </message>
    <message>
        <source>{project}/{sequence}/{name}, {name2}, frame {first}</source>
        <translation>{project}/{sequence}/{name}，{name2}，第 {first} 帧</translation>
    </message>
    <message>
        <source>All nodes that can run it are busy with earlier shots.</source>
        <translation>能运行它的节点都在忙于更靠前的镜头。</translation>
    </message>
    <message>
        <source>{used} of {count} of the limit {name} are in use</source>
        <translation>限额 {name} 共 {count} 个，已占用 {used} 个</translation>
    </message>
    <message>
        <source>Job {name} waits for its start.</source>
        <translation>作业 {name} 在等待其开始时间。</translation>
    </message>
    <message>
        <source>{failed} frames failed</source>
        <translation>有 {failed} 帧失败</translation>
    </message>
    <message>
        <source>{cancelled} frames were cancelled</source>
        <translation>有 {cancelled} 帧被取消</translation>
    </message>
    <message>
        <source>{name}: {runs} of its frames run now.</source>
        <translation>{name}：现有 {runs} 帧正在运行。</translation>
    </message>
    <message>
        <source>{name}: nothing of it runs.</source>
        <translation>{name}：目前没有任何帧在运行。</translation>
    </message>
    <message>
        <source> on {name}</source>
        <translation>（在 {name} 上）</translation>
    </message>
    <message>
        <source>All connected nodes are draining or drained.</source>
        <translation>所有已连接的节点都在排空或已排空。</translation>
    </message>
    <message>
        <source>No node can run it: the connected nodes have no device.</source>
        <translation>没有节点能运行它：已连接的节点没有设备。</translation>
    </message>
    <message>
        <source>, and their owners want the rest</source>
        <translation>，其余部分归属方要用</translation>
    </message>
    <message>
        <source> for {names}</source>
        <translation>，供 {names} 使用</translation>
    </message>
    <message>
        <source>{used} of {bound} {what}</source>
        <translation>{bound} {what} 中已用 {used}</translation>
    </message>
    <message>
        <source>{project} has used up its budget: {words}.</source>
        <translation>{project} 的预算已用尽：{words}。</translation>
    </message>
    <message>
        <source>The nodes that are free are blocked for this job.</source>
        <translation>空闲的节点已对此作业屏蔽。</translation>
    </message>
    <message>
        <source>Step {name} waits for step {name2}, of which {what}.</source>
        <translation>步骤 {name} 在等待步骤 {name2}，其中{what}。</translation>
    </message>
    <message>
        <source>There is no shot {shot}.</source>
        <translation>没有镜头 {shot}。</translation>
    </message>
    <message>
        <source>There is no task {task} of step {number}.</source>
        <translation>步骤 {number} 没有任务 {task}。</translation>
    </message>
    <message>
        <source>All connected nodes are away: {away}</source>
        <translation>所有已连接的节点都暂离：{away}</translation>
    </message>
    <message>
        <source>All nodes that can run it are reserved{whom}.</source>
        <translation>能运行它的节点都已被保留{whom}。</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>The nodes that are free failed this job before; it waits for another.</source>
        <translation>空闲的节点此前在此作业上失败过；它在等待别的节点。</translation>
    </message>
    <message>
        <source>Move to the top</source>
        <translation>移到最前</translation>
    </message>
    <message>
        <source>Move to the top and make room now</source>
        <translation>移到最前并立即腾出位置</translation>
    </message>
    <message>
        <source>Let them work</source>
        <translation>让它们工作</translation>
    </message>
    <message>
        <source>No node can run it: it needs {most}.</source>
        <translation>没有节点能运行它：它需要{most}。</translation>
    </message>
    <message>
        <source>{project} is at its share of {cap} of the devices.</source>
        <translation>{project} 已达到其设备份额 {cap}。</translation>
    </message>
    <message>
        <source>Raise the limit to {enough}</source>
        <translation>把限额提高到 {enough}</translation>
    </message>
    <message>
        <source>Step {name} waits for step {name2}.</source>
        <translation>步骤 {name} 在等待步骤 {name2}。</translation>
    </message>
    <message>
        <source>{count} frames failed: {newest}</source>
        <translation>{count} 帧失败：{newest}</translation>
    </message>
    <message>
        <source>{count} frame failed: {newest}</source>
        <translation>{count} 帧失败：{newest}</translation>
    </message>
    <message>
        <source>No node is connected.</source>
        <translation>没有已连接的节点。</translation>
    </message>
    <message>
        <source>Raise the budget by a tenth</source>
        <translation>把预算提高一成</translation>
    </message>
    <message>
        <source>Only warn</source>
        <translation>只提醒</translation>
    </message>
    <message>
        <source>Let it run there</source>
        <translation>允许在那里运行</translation>
    </message>
    <message>
        <source>Retry them</source>
        <translation>重试这些帧</translation>
    </message>
    <message>
        <source>Go on without them</source>
        <translation>不等这些帧，继续</translation>
    </message>
    <message>
        <source>Retry what failed</source>
        <translation>重试失败的部分</translation>
    </message>
    <message>
        <source>Free them</source>
        <translation>解除保留</translation>
    </message>
    <message>
        <source>Start now</source>
        <translation>立即开始</translation>
    </message>
    <message>
        <source>Take the cap away</source>
        <translation>去掉上限</translation>
    </message>
    <message>
        <source>It failed.</source>
        <translation>它失败了。</translation>
    </message>
    <message>
        <source>Retry</source>
        <translation>重试</translation>
    </message>
    <message>
        <source>Skip</source>
        <translation>跳过</translation>
    </message>
    <message>
        <source>Forget its failures</source>
        <translation>忘掉它的失败记录</translation>
    </message>
    <message>
        <source>Frame {frame} is rendered in {total} pieces, of which {done} is done and {runs} runs now.</source>
        <translation>第 {frame} 帧分 {total} 块渲染，已完成 {done} 块，正在运行 {runs} 块。</translation>
    </message>
    <message>
        <source>Frame {frame} is rendered in {total} pieces, of which {done} is done and {runs} run now.</source>
        <translation>第 {frame} 帧分 {total} 块渲染，已完成 {done} 块，正在运行 {runs} 块。</translation>
    </message>
    <message>
        <source>Frame {frame} is rendered in {total} pieces, of which {done} are done and {runs} runs now.</source>
        <translation>第 {frame} 帧分 {total} 块渲染，已完成 {done} 块，正在运行 {runs} 块。</translation>
    </message>
    <message>
        <source>Frame {frame} is rendered in {total} pieces, of which {done} are done and {runs} run now.</source>
        <translation>第 {frame} 帧分 {total} 块渲染，已完成 {done} 块，正在运行 {runs} 块。</translation>
    </message>
    <message>
        <source>It needs {gang} nodes at once, and only {fitting} can run it.</source>
        <translation>它需要同时使用 {gang} 个节点，而只有 {fitting} 个能运行它。</translation>
    </message>
    <message>
        <source>(By what its finished frames took, with a margin: {parts}.)</source>
        <translation>（按其已完成各帧的用量并留余量：{parts}。）</translation>
    </message>
    <message>
        <source>It needs {klass} at once, and {free} now</source>
        <translation>它需要同时占用{klass}，而现在{free}</translation>
    </message>
    <message>
        <source>{sequence}/{name}, which needs {klasses} at once</source>
        <translation>{sequence}/{name}（它需要同时占用{klasses}）</translation>
    </message>
    <message>
        <source>those that have one are busy: {where}</source>
        <translation>有的都在忙：{where}</translation>
    </message>
    <message>
        <source>no node that is connected has one</source>
        <translation>已连接的节点都没有</translation>
    </message>
    <message>
        <source>{shown} are being woken for it.</source>
        <translation>正在为它唤醒 {shown}。</translation>
    </message>
    <message>
        <source>{shown} is being woken for it.</source>
        <translation>正在为它唤醒 {shown}。</translation>
    </message>
    <message>
        <source>Wake it</source>
        <translation>唤醒它</translation>
    </message>
    <message>
        <source>Wake {nodes} nodes</source>
        <translation>唤醒 {nodes} 个节点</translation>
    </message>
    <message>
        <source>; {names}{more} are held back for it</source>
        <translation>；已为它留出 {names}{more}</translation>
    </message>
    <message>
        <source>; {names}{more} is held back for it</source>
        <translation>；已为它留出 {names}{more}</translation>
    </message>
    <message>
        <source>a node</source>
        <translation>一个节点</translation>
    </message>
    <message>
        <source>{gang} nodes</source>
        <translation>{gang} 个节点</translation>
    </message>
    <message>
        <source>{free} are free</source>
        <translation>有 {free} 个空闲</translation>
    </message>
    <message>
        <source>{free} is free</source>
        <translation>有 {free} 个空闲</translation>
    </message>
    <message>
        <source>none are free</source>
        <translation>没有空闲的</translation>
    </message>
    <message>
        <source>no node has that free</source>
        <translation>没有节点有这么多空闲</translation>
    </message>
    <message>
        <source>All ranks of step {name} begin together, and rank {lost} {what}.</source>
        <translation>步骤 {name} 的所有编号须一起开始，而第 {lost} 号{what}。</translation>
    </message>
    <message>
        <source>{gpu} GiB of a GPU&apos;s memory</source>
        <translation>{gpu} GiB 显存</translation>
    </message>
    <message>
        <source>{ram} GiB of RAM</source>
        <translation>{ram} GiB 内存</translation>
    </message>
    <message>
        <source> and {large} more</source>
        <translation> 等另外 {large} 个</translation>
    </message>
    <message>
        <source>Frame {frame} ran out of a card&apos;s {card} GiB and waits for a larger one; {there}.</source>
        <translation>第 {frame} 帧用完了显卡的 {card} GiB，在等更大的显卡；{there}。</translation>
    </message>
    <message>
        <source> and {names} more</source>
        <translation> 等另外 {names} 个</translation>
    </message>
    <message>
        <source>All nodes that can run it sleep: {shown}.</source>
        <translation>能运行它的节点都在休眠：{shown}。</translation>
    </message>
    <message>
        <source> and {nodes} more</source>
        <translation> 等另外 {nodes} 个</translation>
    </message>
    <message>
        <source>{gpus} GPUs</source>
        <translation>{gpus} 个 GPU</translation>
    </message>
    <message>
        <source>{cores} cores</source>
        <translation>{cores} 个核</translation>
    </message>
    <message>
        <source>{ram_bytes} GiB of RAM</source>
        <translation>{ram_bytes} GiB 内存</translation>
    </message>
    <message>
        <source> of one node</source>
        <translation>（同一节点）</translation>
    </message>
    <message>
        <source> with {parts} each</source>
        <translation>（每个有 {parts}）</translation>
    </message>
    <message>
        <source>The devices that are free are held back for {held}.</source>
        <translation>空闲的设备正为 {held} 预留。</translation>
    </message>
    <message>
        <source>Retry it</source>
        <translation>重试它</translation>
    </message>
    <message>
        <source>A chunk has at least 1 frame, not {chunk}.</source>
        <translation>一个分块至少 1 帧，不能是 {chunk}。</translation>
    </message>
    <message>
        <source>The frame range is longer than {text_max} characters.</source>
        <translation>帧范围超过 {text_max} 个字符。</translation>
    </message>
    <message>
        <source>The range {text} has more than {tasks_max} frames.</source>
        <translation>范围 {text} 超过 {tasks_max} 帧。</translation>
    </message>
    <message>
        <source>{text} is not a frame range: write 1001-1100, 1001-1100x2 or 7.</source>
        <translation>{text} 不是帧范围：请写成 1001-1100、1001-1100x2 或 7。</translation>
    </message>
    <message>
        <source>The frame range {text} has a step of 0.</source>
        <translation>帧范围 {text} 的步长为 0。</translation>
    </message>
    <message>
        <source>The frame range {text} runs backwards: write {last}-{first}.</source>
        <translation>帧范围 {text} 是倒序的：请写成 {last}-{first}。</translation>
    </message>
    <message>
        <source>No node that may run it has a card of more than {card} GiB.</source>
        <translation>能运行它的节点都没有超过 {card} GiB 的显卡。</translation>
    </message>
    <message>
        <source>No larger card is looked for.</source>
        <translation>不再寻找更大的显卡。</translation>
    </message>
    <message>
        <source>{seconds} min</source>
        <translation>{seconds} 分钟</translation>
    </message>
    <message>
        <source>a device</source>
        <translation>一个设备</translation>
    </message>
    <message>
        <source>Nothing that is ready fits {name}: it needs {need}.</source>
        <translation>没有适合 {name} 的就绪内容：需要{need}。</translation>
    </message>
    <message>
        <source>a limit, a share or a budget holds back what fits it</source>
        <translation>适合它的内容受限额、份额或预算约束</translation>
    </message>
    <message>
        <source>{name} is blocked for, or failed, the jobs that are left.</source>
        <translation>{name} 对剩下的作业已被屏蔽，或曾在其上失败。</translation>
    </message>
    <message>
        <source>{name} is free and about to get work.</source>
        <translation>{name} 空闲，即将领到任务。</translation>
    </message>
    <message>
        <source>devices busy {utilisation}</source>
        <translation>设备忙碌 {utilisation}</translation>
    </message>
    <message>
        <source>{shot} frame {frame} has run for {elapsed} on {name}; its like take {expected}.</source>
        <translation>{shot} 第 {frame} 帧在 {name} 上已运行 {elapsed}；同类帧需 {expected}。</translation>
    </message>
    <message>
        <source>is lost: no news of it</source>
        <translation>已失联：没有它的消息</translation>
    </message>
    <message>
        <source>is not connected</source>
        <translation>未连接</translation>
    </message>
    <message>
        <source>{name} is drained.</source>
        <translation>{name} 已排空。</translation>
    </message>
    <message>
        <source> for {reserved_for}</source>
        <translation>，供 {reserved_for} 使用</translation>
    </message>
    <message>
        <source>{name} is reserved{whom}.</source>
        <translation>{name} 已被保留{whom}。</translation>
    </message>
    <message>
        <source>{name} waits: {what}.</source>
        <translation>{name} 在等待：{what}。</translation>
    </message>
    <message>
        <source>is expected {late} after its promise</source>
        <translation>预计比承诺晚 {late}</translation>
    </message>
    <message>
        <source>slipped by {slip}</source>
        <translation>推迟了 {slip}</translation>
    </message>
    <message>
        <source> in danger</source>
        <translation>有风险</translation>
    </message>
    <message>
        <source>Free it</source>
        <translation>解除保留</translation>
    </message>
    <message>
        <source>Retry {many}</source>
        <translation>重试 {many}</translation>
    </message>
    <message>
        <source>Go on without {many}</source>
        <translation>不等 {many}，继续</translation>
    </message>
    <message>
        <source>Drain {name}</source>
        <translation>排空 {name}</translation>
    </message>
    <message>
        <source>End it and try again</source>
        <translation>结束它并重试</translation>
    </message>
    <message>
        <source>Try it on another node than {name}</source>
        <translation>换一个节点重试（不用 {name}）</translation>
    </message>
    <message>
        <source>Let it work</source>
        <translation>让它工作</translation>
    </message>
    <message>
        <source>It is for {name}, which is draining or drained.</source>
        <translation>它指定给 {name}，而该节点正在排空或已排空。</translation>
    </message>
    <message>
        <source>It is for {name}, which is not connected.</source>
        <translation>它指定给 {name}，而该节点未连接。</translation>
    </message>
    <message>
        <source>It is for {name}, which is away: {away}</source>
        <translation>它指定给 {name}，而该节点暂离：{away}</translation>
    </message>
    <message>
        <source>It is for {name}, which is busy.</source>
        <translation>它指定给 {name}，而该节点正忙。</translation>
    </message>
    <message>
        <source>Unblock it</source>
        <translation>解除屏蔽</translation>
    </message>
    <message>
        <source>A window has 0 to {window_max} tasks.</source>
        <translation>一个窗口有 0 到 {window_max} 个任务。</translation>
    </message>
    <message>
        <source>This key is not on the dispatcher&apos;s list.</source>
        <translation>此密钥不在调度器的名单上。</translation>
    </message>
    <message>
        <source>This key is a machine&apos;s: it cannot ask for a person.</source>
        <translation>此密钥属于机器：不能代表人员提出请求。</translation>
    </message>
    <message>
        <source>{word} needs the role {lower}; ask an admin.</source>
        <translation>{word} 需要“{lower}”角色；请联系管理员。</translation>
    </message>
    <message>
        <source>A join token is good for one minute to 30 days.</source>
        <translation>加入令牌的有效期为 1 分钟到 30 天。</translation>
    </message>
    <message>
        <source>The core was asked in vain.</source>
        <translation>核心未能处理该请求。</translation>
    </message>
    <message>
        <source>This key is not a node&apos;s, or was revoked.</source>
        <translation>此密钥不属于节点，或已被吊销。</translation>
    </message>
    <message>
        <source>This join token was used or is too old: make a new one.</source>
        <translation>此加入令牌已用过或已过期：请新建一个。</translation>
    </message>
    <message>
        <source>A node&apos;s name has 1 to {name_max} printable characters.</source>
        <translation>节点名称须为 1 到 {name_max} 个可打印字符。</translation>
    </message>
    <message>
        <source>The node&apos;s key is not a new CURVE key of 40 characters.</source>
        <translation>节点密钥不是新的 40 字符 CURVE 密钥。</translation>
    </message>
    <message>
        <source>A node named {name} is connected: give this one another name.</source>
        <translation>名为 {name} 的节点已连接：请换一个名称。</translation>
    </message>
    <message>
        <source>A node has at most {list_max} devices, tags, kernels and network cards.</source>
        <translation>一个节点最多有 {list_max} 个设备、标签、内核和网卡。</translation>
    </message>
    <message>
        <source>A word in the node&apos;s Hello is longer than {word_max} characters.</source>
        <translation>节点问候中的某个词超过 {word_max} 个字符。</translation>
    </message>
    <message>
        <source>{name} is lost: no news for {lease_s} s.</source>
        <translation>{name} 已失联：{lease_s} 秒没有消息。</translation>
    </message>
    <message>
        <source>No news of {name} for {lease_s} s.</source>
        <translation>{name} 已有 {lease_s} 秒没有消息。</translation>
    </message>
    <message>
        <source>Its device is gone.</source>
        <translation>其设备已不在。</translation>
    </message>
    <message>
        <source>The agent of {name} was started anew.</source>
        <translation>{name} 的代理程序已重新启动。</translation>
    </message>
    <message>
        <source>There is no session with this node, or a report is missing: say hello.</source>
        <translation>与此节点没有会话，或缺少报告：请重新问候。</translation>
    </message>
    <message>
        <source>{name} sent a {name__} of an old attempt.</source>
        <translation>{name} 发来了旧尝试的 {name__}。</translation>
    </message>
    <message>
        <source>A frame was published without a grant.</source>
        <translation>有一帧未经许可就发布了。</translation>
    </message>
    <message>
        <source>No news of {what}{name} for {lease_s} s.</source>
        <translation>{what}{name} 已有 {lease_s} 秒没有消息。</translation>
    </message>
    <message>
        <source>No shot is named.</source>
        <translation>没有指定镜头。</translation>
    </message>
    <message>
        <source>More than {shots_max} shots are named.</source>
        <translation>指定的镜头超过 {shots_max} 个。</translation>
    </message>
    <message>
        <source>The queue was moved too often since: this cannot be undone.</source>
        <translation>此后队列移动过多次：无法撤销。</translation>
    </message>
    <message>
        <source>No job is named.</source>
        <translation>没有指定作业。</translation>
    </message>
    <message>
        <source>There is no job {number}.</source>
        <translation>没有作业 {number}。</translation>
    </message>
    <message>
        <source>There is no node {unknown}.</source>
        <translation>没有节点 {unknown}。</translation>
    </message>
    <message>
        <source>No node is named.</source>
        <translation>没有指定节点。</translation>
    </message>
    <message>
        <source>{count} frames</source>
        <translation>{count} 帧</translation>
    </message>
    <message>
        <source>{count} frame</source>
        <translation>{count} 帧</translation>
    </message>
    <message>
        <source>Ended by {user} to make room.</source>
        <translation>已由 {user} 结束以腾出位置。</translation>
    </message>
    <message>
        <source>{count} yield, and no sample is lost</source>
        <translation>{count}让出，不丢失任何采样</translation>
    </message>
    <message>
        <source>{lost_s} min</source>
        <translation>{lost_s} 分钟</translation>
    </message>
    <message>
        <source>killed, which loses {lost} of work</source>
        <translation>被结束，损失 {lost} 的工作</translation>
    </message>
    <message>
        <source>finished first</source>
        <translation>先完成</translation>
    </message>
    <message>
        <source>{count} of a command are {what}</source>
        <translation>命令的 {count}{what}</translation>
    </message>
    <message>
        <source>{count} of a command is {what}</source>
        <translation>命令的 {count}{what}</translation>
    </message>
    <message>
        <source>Nothing has to give way</source>
        <translation>无需让出任何内容</translation>
    </message>
    <message>
        <source>{name} is woken: work waits for it.</source>
        <translation>正在唤醒 {name}：有任务在等它。</translation>
    </message>
    <message>
        <source>a {device} device</source>
        <translation>{device} 设备</translation>
    </message>
    <message>
        <source>{card_bytes} GiB of memory</source>
        <translation>{card_bytes} GiB 显存</translation>
    </message>
    <message>
        <source>the kernel {kernel}</source>
        <translation>内核 {kernel}</translation>
    </message>
    <message>
        <source>the tag {missing}</source>
        <translation>标签 {missing}</translation>
    </message>
    <message>
        <source>{gpus} GPUs of one node</source>
        <translation>同一节点上的 {gpus} 个 GPU</translation>
    </message>
    <message>
        <source>{cores} cores of one node</source>
        <translation>同一节点上的 {cores} 个核</translation>
    </message>
    <message>
        <source>the pool {pool}</source>
        <translation>池 {pool}</translation>
    </message>
    <message>
        <source>a node outside the pools</source>
        <translation>不属于任何池的节点</translation>
    </message>
    <message>
        <source>{name} is lost: told to wake, it did not in {minutes} minutes.</source>
        <translation>{name} 已失联：被唤醒后 {minutes} 分钟内没有应答。</translation>
    </message>
    <message>
        <source>{name} sleeps.</source>
        <translation>{name} 在休眠。</translation>
    </message>
    <message>
        <source>Step {name}</source>
        <translation>步骤 {name}</translation>
    </message>
    <message>
        <source>There is no shot {before} to put the new one before.</source>
        <translation>没有可供新镜头排在其前的镜头 {before}。</translation>
    </message>
    <message>
        <source>A job has 1 to {attempts_max} attempts a frame.</source>
        <translation>作业的每帧尝试次数为 1 到 {attempts_max}。</translation>
    </message>
    <message>
        <source>A job has 1 to {steps_max} steps, not {steps}.</source>
        <translation>作业有 1 到 {steps_max} 个步骤，不能是 {steps} 个。</translation>
    </message>
    <message>
        <source>{at} is no time in seconds since 1970, and before 2100.</source>
        <translation>{at} 不是 1970 年以来、2100 年之前的秒数。</translation>
    </message>
    <message>
        <source>The name of the {what} is empty or begins or ends with a space.</source>
        <translation>{what}的名称为空，或以空格开头或结尾。</translation>
    </message>
    <message>
        <source>The name of the {what} has a slash or an unprintable character.</source>
        <translation>{what}的名称含有斜杠或不可打印字符。</translation>
    </message>
    <message>
        <source>The name of the {what} is longer than {name_max} characters.</source>
        <translation>{what}的名称超过 {name_max} 个字符。</translation>
    </message>
    <message>
        <source>Step {name} needs a negative amount of memory.</source>
        <translation>步骤 {name} 需要的显存为负数。</translation>
    </message>
    <message>
        <source>Step {name} holds 1 to {offset_max} of each limit that it names.</source>
        <translation>步骤 {name} 对每个限额须占用 1 到 {offset_max} 个。</translation>
    </message>
    <message>
        <source>Step {name} takes 1 to {gpus_max} GPUs, not {gpus}.</source>
        <translation>步骤 {name} 可用 1 到 {gpus_max} 个 GPU，不能是 {gpus} 个。</translation>
    </message>
    <message>
        <source>Step {name} asks for {gpus} GPUs and for the cores: name one.</source>
        <translation>步骤 {name} 既要 {gpus} 个 GPU 又要核：请只选其一。</translation>
    </message>
    <message>
        <source>Step {name} takes 1 to {cores_max} cores, or 0 for all, not {cores}.</source>
        <translation>步骤 {name} 可用 1 到 {cores_max} 个核，0 表示全部，不能是 {cores}。</translation>
    </message>
    <message>
        <source>Step {name} needs a negative amount of RAM.</source>
        <translation>步骤 {name} 需要的内存为负数。</translation>
    </message>
    <message>
        <source>Step {name} is a kernel&apos;s, whose frames need no gang: leave gang out.</source>
        <translation>步骤 {name} 由内核渲染，其帧无需编组：请去掉编组。</translation>
    </message>
    <message>
        <source>Step {name} is a gang of {tasks}; one has at most {gang_max} ranks.</source>
        <translation>步骤 {name} 的编组有 {tasks} 个；最多 {gang_max} 个。</translation>
    </message>
    <message>
        <source>Step {name} may take 0 to 3600 s to end politely.</source>
        <translation>步骤 {name} 的收尾时间为 0 到 3600 秒。</translation>
    </message>
    <message>
        <source>Step {name} has no program to run.</source>
        <translation>步骤 {name} 没有要运行的程序。</translation>
    </message>
    <message>
        <source>Step {name} has a zero byte in its command line.</source>
        <translation>步骤 {name} 的命令行含有零字节。</translation>
    </message>
    <message>
        <source>Step {name} has progress lines {progress}: there are {progress2}.</source>
        <translation>步骤 {name} 的进度行是 {progress}：可选 {progress2}。</translation>
    </message>
    <message>
        <source>Step {name} writes all frames to one file: put {frame:04d} into its pattern.</source>
        <translation>步骤 {name} 把所有帧写到同一文件：请在其样式中加入 {frame:04d}。</translation>
    </message>
    <message>
        <source>{project}/{sequence}/{name} already writes {pattern} into {directory}: name another folder.</source>
        <translation>{project}/{sequence}/{name} 已在把 {pattern} 写入 {directory}：请换一个文件夹。</translation>
    </message>
    <message>
        <source>Two steps are named {name}.</source>
        <translation>有两个步骤都叫 {name}。</translation>
    </message>
    <message>
        <source>Step {name}: {fault}</source>
        <translation>步骤 {name}：{fault}</translation>
    </message>
    <message>
        <source>Step {name} names no kernel or no scene.</source>
        <translation>步骤 {name} 没有指定内核或场景。</translation>
    </message>
    <message>
        <source>Step {name} has an image of {width} x {height} pixels.</source>
        <translation>步骤 {name} 的图像为 {width} x {height} 像素。</translation>
    </message>
    <message>
        <source>Step {name} has no samples, or more than {samples_max}.</source>
        <translation>步骤 {name} 没有采样，或超过 {samples_max}。</translation>
    </message>
    <message>
        <source>Step {name} has no OpenJD template, or no session to run it in.</source>
        <translation>步骤 {name} 没有 OpenJD 模板，或没有可运行的会话。</translation>
    </message>
    <message>
        <source>Step {name} is after {before}, which does not exist.</source>
        <translation>步骤 {name} 排在 {before} 之后，而后者不存在。</translation>
    </message>
    <message>
        <source>Step {name} is after {before}, which must come before it in the list.</source>
        <translation>步骤 {name} 排在 {before} 之后，后者在列表中须位于其前。</translation>
    </message>
    <message>
        <source>Step {name} needs frames {first} to {last} of {step}: the first comes before the last, and both are within {offset_max}.</source>
        <translation>步骤 {name} 需要 {step} 的 {first} 到 {last} 帧：首帧须在末帧之前，且都在 {offset_max} 以内。</translation>
    </message>
    <message>
        <source>Shot {name}</source>
        <translation>镜头 {name}</translation>
    </message>
    <message>
        <source>Command {number} changed nothing that can be undone.</source>
        <translation>命令 {number} 没有可撤销的改动。</translation>
    </message>
    <message>
        <source>Node {name}</source>
        <translation>节点 {name}</translation>
    </message>
    <message>
        <source>Job {name}</source>
        <translation>作业 {name}</translation>
    </message>
    <message>
        <source>The farm&apos;s list of {number}</source>
        <translation>农场的 {number} 列表</translation>
    </message>
    <message>
        <source>idle sleep</source>
        <translation>空闲休眠</translation>
    </message>
    <message>
        <source>The idle sleep of {what}</source>
        <translation>{what}的空闲休眠</translation>
    </message>
    <message>
        <source>The {kind} {number}</source>
        <translation>该 {kind} {number}</translation>
    </message>
    <message>
        <source>That key</source>
        <translation>该密钥</translation>
    </message>
    <message>
        <source>Command {number} is too old to be undone, or was never given.</source>
        <translation>命令 {number} 过早而无法撤销，或从未下达。</translation>
    </message>
    <message>
        <source>{name} was changed since by {name2}, so this can no longer be undone.</source>
        <translation>{name} 此后已被 {name2} 更改，因此无法再撤销。</translation>
    </message>
    <message>
        <source>the pool {number}</source>
        <translation>池 {number}</translation>
    </message>
    <message>
        <source>the farm</source>
        <translation>农场</translation>
    </message>
    <message>
        <source>The connection is closed.</source>
        <translation>连接已关闭。</translation>
    </message>
    <message>
        <source>The dispatcher has not been heard for {age} s.</source>
        <translation>已有 {age} 秒没有听到调度器。</translation>
    </message>
    <message>
        <source>The dispatcher cannot be reached; nothing was asked of it.</source>
        <translation>无法连接调度器；没有向它提出任何请求。</translation>
    </message>
    <message>
        <source>The dispatcher took the request but has not answered in time: look before you ask again.</source>
        <translation>调度器已收到请求，但未及时答复：再次请求前请先查看。</translation>
    </message>
    <message>
        <source>The farm does not know this key: ask its administrator to let it in.</source>
        <translation>农场不认识此密钥：请让管理员放行。</translation>
    </message>
    <message>
        <source>The connection was closed before the answer came.</source>
        <translation>答复到来之前连接已关闭。</translation>
    </message>
    <message>
        <source>The dispatcher&apos;s answer cannot be read: {error}.</source>
        <translation>无法读取调度器的答复：{error}。</translation>
    </message>
    <message>
        <source>No farm is running in {root}: start one with {place}.</source>
        <translation>{root} 中没有正在运行的农场：请用 {place} 启动。</translation>
    </message>
    <message>
        <source>The farm in {root} has ended without saying so: start it with {place}.</source>
        <translation>{root} 中的农场已意外结束：请用 {place} 启动。</translation>
    </message>
    <message>
        <source>This farm&apos;s dispatcher takes no staged files: it is too old.</source>
        <translation>此农场的调度器不接受暂存文件：版本过旧。</translation>
    </message>
    <message>
        <source>A file to stage cannot be read: {error}.</source>
        <translation>无法读取要暂存的文件：{error}。</translation>
    </message>
    <message>
        <source>The dispatcher took no staged files for {silence_s} s.</source>
        <translation>调度器已有 {silence_s} 秒没有接收暂存文件。</translation>
    </message>
    <message>
        <source>{folder} is no job bundle: it has no template.yaml or template.json.</source>
        <translation>{folder} 不是作业包：其中没有 template.yaml 或 template.json。</translation>
    </message>
    <message>
        <source>{file} is over {file_bytes_max} MiB.</source>
        <translation>{file} 超过 {file_bytes_max} MiB。</translation>
    </message>
    <message>
        <source>{file} cannot be read: {strerror}.</source>
        <translation>无法读取 {file}：{strerror}。</translation>
    </message>
    <message>
        <source>{file} is not UTF-8 text.</source>
        <translation>{file} 不是 UTF-8 文本。</translation>
    </message>
    <message>
        <source>{file} has a parameter without a name and a value: each is {name: X, value: Y}.</source>
        <translation>{file} 有一个参数缺少名称或值：每个须写成 {name: X, value: Y}。</translation>
    </message>
    <message>
        <source>The frame range is empty: write it as 1001-1100, 1001-1100x2 or 1,5,10-12.</source>
        <translation>帧范围为空：请写成 1001-1100、1001-1100x2 或 1,5,10-12。</translation>
    </message>
    <message>
        <source>The frame range is over {length_max} characters long.</source>
        <translation>帧范围超过 {length_max} 个字符。</translation>
    </message>
    <message>
        <source>The frame range {text} has {count} frames; a job takes {frames_max}.</source>
        <translation>帧范围 {text} 有 {count} 帧；一个作业最多 {frames_max} 帧。</translation>
    </message>
    <message>
        <source>{text} is no frame range: write it as 1001-1100, 1001-1100x2 or 1,5,10-12.</source>
        <translation>{text} 不是帧范围：请写成 1001-1100、1001-1100x2 或 1,5,10-12。</translation>
    </message>
    <message>
        <source>The frame range {text} runs backwards or by steps of 0 at {part}.</source>
        <translation>帧范围 {text} 在 {part} 处倒序或步长为 0。</translation>
    </message>
    <message>
        <source>Frames go from -{frame_number_max} to {frame_number_max2}, not to {part}.</source>
        <translation>帧号在 -{frame_number_max} 到 {frame_number_max2} 之间，不能是 {part}。</translation>
    </message>
    <message>
        <source>This node&apos;s Blender has no OpenImageDenoise, which the scene asks for.</source>
        <translation>此节点的 Blender 没有场景所需的 OpenImageDenoise。</translation>
    </message>
    <message>
        <source>The scene does not fit into this node&apos;s memory.</source>
        <translation>场景超出此节点的内存。</translation>
    </message>
    <message>
        <source>The scene has no camera.</source>
        <translation>场景没有摄影机。</translation>
    </message>
    <message>
        <source>There is no file {file}.</source>
        <translation>没有文件 {file}。</translation>
    </message>
    <message>
        <source>There is no program {blender} on this machine to read {file}.</source>
        <translation>这台机器上没有可读取 {file} 的程序 {blender}。</translation>
    </message>
    <message>
        <source>{name} names files that are not there: {missing}{more}.</source>
        <translation>{name} 引用了不存在的文件：{missing}{more}。</translation>
    </message>
    <message>
        <source>{name} writes a movie; the farm renders its frames as PNG files.</source>
        <translation>{name} 输出为影片；农场会把各帧渲染为 PNG 文件。</translation>
    </message>
    <message>
        <source>{file} says no sensible frame range: give one with --frames.</source>
        <translation>{file} 没有合理的帧范围：请自行给出（--frames）。</translation>
    </message>
    <message>
        <source>{name} writes {kind}, which is no image: choose another in it.</source>
        <translation>{name} 输出 {kind}，不是图像：请在其中另选。</translation>
    </message>
    <message>
        <source>{name} has no camera {wanted}; it has {there}.</source>
        <translation>{name} 没有摄影机 {wanted}；有 {there}。</translation>
    </message>
    <message>
        <source>Blender could not read {file} within {inspect_s} s.</source>
        <translation>Blender 未能在 {inspect_s} 秒内读取 {file}。</translation>
    </message>
    <message>
        <source>{argv} cannot be started: {strerror}.</source>
        <translation>无法启动 {argv}：{strerror}。</translation>
    </message>
    <message>
        <source>{name} has no active camera: name one with --camera.</source>
        <translation>{name} 没有活动摄影机：请指定一个（--camera）。</translation>
    </message>
    <message>
        <source>Say what to run after --, such as: -- oiiotool in.{frame}.exr -o {output}.</source>
        <translation>请在 -- 之后写出要运行的程序，例如：-- oiiotool in.{frame}.exr -o {output}。</translation>
    </message>
    <message>
        <source>Say which shot the program is for: --shot PROJ/SEQ/SHOT.</source>
        <translation>请说明程序属于哪个镜头：--shot PROJ/SEQ/SHOT。</translation>
    </message>
    <message>
        <source>A program takes at most {arguments_max} arguments, none with a NUL.</source>
        <translation>程序最多 {arguments_max} 个参数，且不得含 NUL。</translation>
    </message>
    <message>
        <source>The program&apos;s {output} needs a folder: --out DIR.</source>
        <translation>程序的 {output} 需要一个文件夹：--out DIR。</translation>
    </message>
    <message>
        <source>There is no program {texts} on this machine&apos;s PATH.</source>
        <translation>这台机器的 PATH 中没有程序 {texts}。</translation>
    </message>
    <message>
        <source>With --out the program must say {output} where it takes its output file.</source>
        <translation>使用 --out 时，程序须用 {output} 标出其输出文件的位置。</translation>
    </message>
    <message>
        <source>The pattern {pattern} gives every frame the same name.</source>
        <translation>样式 {pattern} 会让每帧同名。</translation>
    </message>
    <message>
        <source>The step {name} of the template is over {work_bytes_max} kB: keep large embedded files beside it, and name them by a parameter.</source>
        <translation>模板的步骤 {name} 超过 {work_bytes_max} kB：请把大的内嵌文件放在旁边，并用参数引用。</translation>
    </message>
    <message>
        <source>The step {name} has {count} tasks; there may be {tasks_max}.</source>
        <translation>步骤 {name} 有 {count} 个任务；最多 {tasks_max} 个。</translation>
    </message>
    <message>
        <source>The bundle names files that are not there: {missing}{more}.</source>
        <translation>作业包引用了不存在的文件：{missing}{more}。</translation>
    </message>
    <message>
        <source>Job bundles need the OpenJD library: pip install &apos;windfire[openjd]&apos;.</source>
        <translation>作业包需要 OpenJD 库：pip install &apos;windfire[openjd]&apos;。</translation>
    </message>
    <message>
        <source>The output folder {name} cannot be made here: {strerror}.</source>
        <translation>无法在此创建输出文件夹 {name}：{strerror}。</translation>
    </message>
    <message>
        <source>{name} has no one camera {wanted}; it has {there}.</source>
        <translation>{name} 没有唯一的摄影机 {wanted}；有 {there}。</translation>
    </message>
    <message>
        <source>{name} asks for {width}x{height} pixels; say another with --size.</source>
        <translation>{name} 要求 {width}x{height} 像素；请另给尺寸（--size）。</translation>
    </message>
    <message>
        <source>{name} has no camera; leave --camera out to have the scene framed.</source>
        <translation>{name} 没有摄影机；不指定摄影机即可自动取景。</translation>
    </message>
    <message>
        <source>There is no file {path}.</source>
        <translation>没有文件 {path}。</translation>
    </message>
    <message>
        <source>{path} is a folder; name a scene file in it.</source>
        <translation>{path} 是文件夹；请指定其中的场景文件。</translation>
    </message>
    <message>
        <source>{path} is no scene that Windfire reads: {kinds}.</source>
        <translation>{path} 不是 Windfire 能读取的场景：{kinds}。</translation>
    </message>
    <message>
        <source>Reading {file} crashed what reads it (signal {what}).</source>
        <translation>读取 {file} 时读取程序崩溃（信号 {what}）。</translation>
    </message>
    <message>
        <source>{file} could not be read within {timeout_s} s.</source>
        <translation>未能在 {timeout_s} 秒内读取 {file}。</translation>
    </message>
    <message>
        <source>{file} gives no sense as a scene: {error}.</source>
        <translation>{file} 不是有意义的场景：{error}。</translation>
    </message>
    <message>
        <source>{file} cannot be read on this machine.</source>
        <translation>无法在这台机器上读取 {file}。</translation>
    </message>
    <message>
        <source>{folder} has no version left: say another folder with --out.</source>
        <translation>{folder} 的版本号已用尽：请另选文件夹。</translation>
    </message>
    <message>
        <source>A shot is written PROJ/SEQ/SHOT, such as NZ2/sq010/sh0040, not {text}.</source>
        <translation>镜头写作 项目/场次/镜头，例如 NZ2/sq010/sh0040，而不是 {text}。</translation>
    </message>
    <message>
        <source>The shot {text} has a part {part} that is no good name: letters, digits, . - and _ alone.</source>
        <translation>镜头 {text} 中的 {part} 不是合适的名称：只能用字母、数字、. - 和 _。</translation>
    </message>
    <message>
        <source>The shot {text} has a part of over {name_length_max} characters.</source>
        <translation>镜头 {text} 中有一段超过 {name_length_max} 个字符。</translation>
    </message>
    <message>
        <source>The folder for the frames, {folder}, cannot be made ({strerror}): say another with --out.</source>
        <translation>无法创建存放帧的文件夹 {folder}（{strerror}）：请另选。</translation>
    </message>
    <message>
        <source>The folder {folder} cannot be made: {strerror}.</source>
        <translation>无法创建文件夹 {folder}：{strerror}。</translation>
    </message>
    <message>
        <source>The step {name} asks for several pools: name one.</source>
        <translation>步骤 {name} 要求多个池：请只指定一个。</translation>
    </message>
    <message>
        <source>{name} names {absolute} by an absolute path, which other machines do not have: make it relative, or submit without --stage.</source>
        <translation>{name} 用绝对路径引用了 {absolute}，其他机器没有：请改为相对路径，或不暂存直接提交。</translation>
    </message>
    <message>
        <source>There is no task {task} in step {step}.</source>
        <translation>步骤 {step} 中没有任务 {task}。</translation>
    </message>
    <message>
        <source>A morning begins at a time that was.</source>
        <translation>晨报须从过去的时间开始。</translation>
    </message>
    <message>
        <source>This task was never started: it has no log.</source>
        <translation>此任务从未启动：没有日志。</translation>
    </message>
    <message>
        <source>There is no picture of this yet.</source>
        <translation>还没有它的图像。</translation>
    </message>
    <message>
        <source>Too many tasks are watched: try again in {seconds_max} s.</source>
        <translation>正在观看的任务过多：请在 {seconds_max} 秒后再试。</translation>
    </message>
    <message>
        <source>This is not a query of the shell.</source>
        <translation>这不是外壳能处理的查询。</translation>
    </message>
    <message>
        <source>This key is not, or no longer, on the list: ask the farm&apos;s administrator.</source>
        <translation>此密钥不在或已不在名单上：请联系农场管理员。</translation>
    </message>
    <message>
        <source>Too many messages that are none: shut out for {ban_s} s.</source>
        <translation>无效消息过多：已被拒之门外 {ban_s} 秒。</translation>
    </message>
    <message>
        <source>A message is one frame.</source>
        <translation>一条消息须为一帧。</translation>
    </message>
    <message>
        <source>This node&apos;s key is not, or no longer, on the list.</source>
        <translation>此节点的密钥不在或已不在名单上。</translation>
    </message>
    <message>
        <source>The log {path} cannot be read: {error}.</source>
        <translation>无法读取日志 {path}：{error}。</translation>
    </message>
    <message>
        <source>It ran longer than the {timeout_s} s that its step may take.</source>
        <translation>运行时间超过了其步骤允许的 {timeout_s} 秒。</translation>
    </message>
    <message>
        <source>It was stuck: no log line and no progress for {stuck_s} s.</source>
        <translation>已卡住：{stuck_s} 秒没有日志也没有进展。</translation>
    </message>
    <message>
        <source>It is outside the node&apos;s hours.</source>
        <translation>现在不在该节点的工作时段内。</translation>
    </message>
    <message>
        <source>An artist works here.</source>
        <translation>有艺术家正在此工作。</translation>
    </message>
    <message>
        <source>Other programs need this machine.</source>
        <translation>其他程序需要这台机器。</translation>
    </message>
    <message>
        <source>It has work.</source>
        <translation>它有任务。</translation>
    </message>
    <message>
        <source>Its agent knows no command for that.</source>
        <translation>其代理程序没有相应的命令。</translation>
    </message>
    <message>
        <source>All work is over and reported.</source>
        <translation>所有工作均已结束并上报。</translation>
    </message>
    <message>
        <source>It installs version {version}.</source>
        <translation>正在安装版本 {version}。</translation>
    </message>
    <message>
        <source>All work is over; its reports wait for the next start.</source>
        <translation>所有工作已结束；报告待下次启动时上报。</translation>
    </message>
    <message>
        <source>The node was asked to stop.</source>
        <translation>节点被要求停止。</translation>
    </message>
    <message>
        <source>Stopped before the dispatcher acknowledged everything.</source>
        <translation>在调度器全部确认之前已停止。</translation>
    </message>
    <message>
        <source>It took more than the {ram_bytes} GiB of RAM that its step asked for.</source>
        <translation>它用掉的内存超过了其步骤要求的 {ram_bytes} GiB。</translation>
    </message>
    <message>
        <source>The worker was killed by {name}{hint}.</source>
        <translation>工作进程被 {name} 结束{hint}。</translation>
    </message>
    <message>
        <source>Its last line: {last_lines}</source>
        <translation>最后一行：{last_lines}</translation>
    </message>
    <message>
        <source>The worker ended by itself with exit code {code}.</source>
        <translation>工作进程自行结束，退出码 {code}。</translation>
    </message>
    <message>
        <source>, perhaps for want of memory</source>
        <translation>，可能因为内存不足</translation>
    </message>
    <message>
        <source>It was stuck: no answer for {ping_s} s.</source>
        <translation>已卡住：{ping_s} 秒没有应答。</translation>
    </message>
    <message>
        <source>signal {what}</source>
        <translation>信号 {what}</translation>
    </message>
    <message>
        <source>The worker cannot be started: {error}.</source>
        <translation>无法启动工作进程：{error}。</translation>
    </message>
    <message>
        <source>The staged files cannot be used: {error}.</source>
        <translation>无法使用暂存文件：{error}。</translation>
    </message>
    <message>
        <source>The courier of staged files died: {errors}.</source>
        <translation>暂存文件的传送进程已退出：{errors}。</translation>
    </message>
    <message>
        <source>The dispatcher has no staging socket: it is of an older version.</source>
        <translation>调度器没有暂存接口：版本较旧。</translation>
    </message>
    <message>
        <source>The courier of staged files cannot be started: {error}.</source>
        <translation>无法启动暂存文件的传送进程：{error}。</translation>
    </message>
    <message>
        <source>The courier said what is none of its words.</source>
        <translation>传送进程发来了无法识别的内容。</translation>
    </message>
    <message>
        <source>The worker published files without a grant.</source>
        <translation>工作进程未经许可就发布了文件。</translation>
    </message>
    <message>
        <source>The pattern {pattern} may use {known} and nothing else in braces.</source>
        <translation>样式 {pattern} 的花括号中只能用 {known}。</translation>
    </message>
    <message>
        <source>The pattern {pattern} has a format other than a width like 04d.</source>
        <translation>样式 {pattern} 的格式只能是 04d 这样的宽度。</translation>
    </message>
    <message>
        <source>{name} is not a plain file name.</source>
        <translation>{name} 不是单纯的文件名。</translation>
    </message>
    <message>
        <source>The file name {name} begins or ends with a character that hides it.</source>
        <translation>文件名 {name} 的开头或结尾字符会使其隐藏。</translation>
    </message>
    <message>
        <source>The file name {name}... is over {name_bytes_max} bytes.</source>
        <translation>文件名 {name}... 超过 {name_bytes_max} 字节。</translation>
    </message>
    <message>
        <source>The file name {name} is a device on Windows.</source>
        <translation>文件名 {name} 在 Windows 上是设备名。</translation>
    </message>
    <message>
        <source>The folder {path} is not absolute.</source>
        <translation>文件夹 {path} 不是绝对路径。</translation>
    </message>
    <message>
        <source>The folder {path} climbs or has odd characters.</source>
        <translation>文件夹 {path} 含有上级目录或特殊字符。</translation>
    </message>
    <message>
        <source>The folder {path}... is over {directory_bytes_max} bytes.</source>
        <translation>文件夹 {path}... 超过 {directory_bytes_max} 字节。</translation>
    </message>
    <message>
        <source>{path} is no piece of a split frame.</source>
        <translation>{path} 不是分块帧的一块。</translation>
    </message>
    <message>
        <source>The pattern {pattern} has an unpaired brace.</source>
        <translation>样式 {pattern} 的花括号不成对。</translation>
    </message>
    <message>
        <source>This side speaks protocol {protocol}, the other {theirs}: install the same version.</source>
        <translation>本端使用协议 {protocol}，对端为 {theirs}：请安装相同版本。</translation>
    </message>
    <message>
        <source>The checkpoint {path} is damaged.</source>
        <translation>检查点 {path} 已损坏。</translation>
    </message>
    <message>
        <source>The file {path} is not a checkpoint.</source>
        <translation>文件 {path} 不是检查点。</translation>
    </message>
    <message>
        <source>The checkpoint {path} is of other frames.</source>
        <translation>检查点 {path} 属于其他帧。</translation>
    </message>
    <message>
        <source>{name} ended with exit code {code}.</source>
        <translation>{name} 已结束，退出码 {code}。</translation>
    </message>
    <message>
        <source>{name} could not be started (exit code {code}).</source>
        <translation>无法启动 {name}（退出码 {code}）。</translation>
    </message>
    <message>
        <source>{name} was killed by {name2}.</source>
        <translation>{name} 被 {name2} 结束。</translation>
    </message>
    <message>
        <source>The command is empty.</source>
        <translation>命令为空。</translation>
    </message>
    <message>
        <source>The command&apos;s {outputs} needs a folder for its files.</source>
        <translation>命令的 {outputs} 需要一个存放文件的文件夹。</translation>
    </message>
    <message>
        <source>The program {argv} is not on this node.</source>
        <translation>此节点上没有程序 {argv}。</translation>
    </message>
    <message>
        <source>{path} cannot be decoded whole: {geterror}.</source>
        <translation>无法完整解码 {path}：{geterror}。</translation>
    </message>
    <message>
        <source>{path} cannot be decoded whole: it has no parts.</source>
        <translation>无法完整解码 {path}：其中没有内容。</translation>
    </message>
    <message>
        <source>{path} has {found} pixels and should have {size}x{size2}.</source>
        <translation>{path} 为 {found} 像素，应为 {size}x{size2}。</translation>
    </message>
    <message>
        <source>{path} has no plane {name}; it has {what}.</source>
        <translation>{path} 没有平面 {name}；有 {what}。</translation>
    </message>
    <message>
        <source>{path} does not exist.</source>
        <translation>{path} 不存在。</translation>
    </message>
    <message>
        <source>{path} is no image that can be read.</source>
        <translation>{path} 不是可读取的图像。</translation>
    </message>
    <message>
        <source>A picture cannot be made smaller: {geterror}.</source>
        <translation>无法缩小图像：{geterror}。</translation>
    </message>
    <message>
        <source>{path} cannot be written: {geterror}.</source>
        <translation>无法写入 {path}：{geterror}。</translation>
    </message>
    <message>
        <source>{path} is damaged: {geterror}.</source>
        <translation>{path} 已损坏：{geterror}。</translation>
    </message>
    <message>
        <source>{path} is too large with {width} x {height} pixels.</source>
        <translation>{path} 过大：{width} x {height} 像素。</translation>
    </message>
    <message>
        <source>The server of guardians has ended.</source>
        <translation>守护进程的服务已结束。</translation>
    </message>
    <message>
        <source>Merged {parts} pieces of the frame.</source>
        <translation>已合并该帧的 {parts} 块。</translation>
    </message>
    <message>
        <source>The pieces of frame {frame} do not make up the whole of it.</source>
        <translation>第 {frame} 帧的各块拼不成完整的帧。</translation>
    </message>
    <message>
        <source>The frame does not fit into the GPU&apos;s memory.</source>
        <translation>该帧超出 GPU 显存。</translation>
    </message>
    <message>
        <source>{what} ended with exit code {exit_code}.</source>
        <translation>{what} 已结束，退出码 {exit_code}。</translation>
    </message>
    <message>
        <source>{what} could not be started.</source>
        <translation>无法启动 {what}。</translation>
    </message>
    <message>
        <source>{what} names a program that is not on this node.</source>
        <translation>{what} 指定的程序不在此节点上。</translation>
    </message>
    <message>
        <source>{what} was killed by signal {what2}.</source>
        <translation>{what} 被信号 {what2} 结束。</translation>
    </message>
    <message>
        <source>This node has no OpenJD library: pip install &apos;windfire[openjd]&apos;.</source>
        <translation>此节点没有 OpenJD 库：pip install &apos;windfire[openjd]&apos;。</translation>
    </message>
    <message>
        <source>{what} was cancelled.</source>
        <translation>{what} 已取消。</translation>
    </message>
    <message>
        <source>{what} took longer than its template allows.</source>
        <translation>{what} 超过了其模板允许的时间。</translation>
    </message>
    <message>
        <source>The step {name} of the template has no task {task}.</source>
        <translation>模板的步骤 {name} 没有任务 {task}。</translation>
    </message>
    <message>
        <source>The OpenJD session&apos;s host died.</source>
        <translation>OpenJD 会话的宿主进程已退出。</translation>
    </message>
    <message>
        <source>The finished file {temporary} was deleted by somebody.</source>
        <translation>已完成的文件 {temporary} 被人删除。</translation>
    </message>
    <message>
        <source>The node has too little memory for this frame.</source>
        <translation>节点内存不足，无法渲染此帧。</translation>
    </message>
    <message>
        <source>The GPU failed: {error}.</source>
        <translation>GPU 出错：{error}。</translation>
    </message>
    <message>
        <source>A job may not set the environment variable {bad}.</source>
        <translation>作业不得设置环境变量 {bad}。</translation>
    </message>
    <message>
        <source>The program ended well, but {final} {fault}.</source>
        <translation>程序正常结束，但 {final} {fault}。</translation>
    </message>
    <message>
        <source>The task has no frames.</source>
        <translation>任务没有帧。</translation>
    </message>
    <message>
        <source>cannot be decoded whole: {what}</source>
        <translation>无法完整解码：{what}</translation>
    </message>
    <message>
        <source>is empty</source>
        <translation>是空的</translation>
    </message>
    <message>
        <source>has {size} bytes, fewer than the step&apos;s least of {bytes_min}</source>
        <translation>只有 {size} 字节，少于步骤要求的 {bytes_min}</translation>
    </message>
    <message>
        <source>is missing</source>
        <translation>不存在</translation>
    </message>
    <message>
        <source>could not be decoded in {decode_s} s</source>
        <translation>未能在 {decode_s} 秒内解码</translation>
    </message>
    <message>
        <source>no image in it</source>
        <translation>其中没有图像</translation>
    </message>
    <message>
        <source>is black all over</source>
        <translation>全黑</translation>
    </message>
    <message>
        <source>has {count_nonzero} values that are no finite number</source>
        <translation>有 {count_nonzero} 个值不是有限数</translation>
    </message>
    <message>
        <source>the decoder crashed</source>
        <translation>解码器崩溃</translation>
    </message>
    <message>
        <source>has {width}x{height} pixels, not {what}x{what2}</source>
        <translation>为 {width}x{height} 像素，而不是 {what}x{what2}</translation>
    </message>
    <message>
        <source>{frame} waits.</source>
        <translation>{frame} 在等待。</translation>
    </message>
    <message>
        <source>{frame} is ready.</source>
        <translation>{frame} 已就绪。</translation>
    </message>
    <message>
        <source>{frame} runs on {node}.</source>
        <translation>{frame} 正在 {node} 上运行。</translation>
    </message>
    <message>
        <source>{frame} is done.</source>
        <translation>{frame} 已完成。</translation>
    </message>
    <message>
        <source>{frame} failed.</source>
        <translation>{frame} 失败了。</translation>
    </message>
    <message>
        <source>{frame} publishes its files on {node}.</source>
        <translation>{frame} 正在 {node} 上发布文件。</translation>
    </message>
    <message>
        <source>{frame} was cancelled.</source>
        <translation>{frame} 已取消。</translation>
    </message>
    <message>
        <source>Paused.</source>
        <translation>已暂停。</translation>
    </message>
    <message>
        <source>{name} is lost: no news of it.</source>
        <translation>{name} 已失联：没有它的消息。</translation>
    </message>
    <message>
        <source>{name} is not connected.</source>
        <translation>{name} 未连接。</translation>
    </message>
    <message>
        <source>{name} slipped by {slip}.</source>
        <translation>{name} 推迟了 {slip}。</translation>
    </message>
    <message>
        <source>{name} is expected {late} after its promise.</source>
        <translation>{name} 预计比承诺晚 {late}。</translation>
    </message>
    <message>
        <source>{name} is expected {late} after its promise and slipped by {slip}.</source>
        <translation>{name} 预计比承诺晚 {late}，并推迟了 {slip}。</translation>
    </message>
    <message>
        <source>{seconds} s</source>
        <translation>{seconds} 秒</translation>
    </message>
    <message>
        <source>{hours} h</source>
        <translation>{hours} 小时</translation>
    </message>
    <message>
        <source>GPU-hours</source>
        <translation>GPU 小时</translation>
    </message>
    <message>
        <source>core-hours</source>
        <translation>核小时</translation>
    </message>
    <message>
        <source>project</source>
        <translation>项目</translation>
    </message>
    <message>
        <source>sequence</source>
        <translation>场次</translation>
    </message>
    <message>
        <source>shot</source>
        <translation>镜头</translation>
    </message>
    <message>
        <source>job</source>
        <translation>作业</translation>
    </message>
    <message>
        <source>step</source>
        <translation>步骤</translation>
    </message>
    <message>
        <source>user</source>
        <translation>用户</translation>
    </message>
    <message>
        <source>artist</source>
        <translation>艺术家</translation>
    </message>
    <message>
        <source>viewer</source>
        <translation>观察者</translation>
    </message>
    <message>
        <source>supervisor</source>
        <translation>主管</translation>
    </message>
    <message>
        <source>admin</source>
        <translation>管理员</translation>
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
        <source>Waits for its turn.</source>
        <translation>排队等待中。</translation>
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
    <message>
        <source>.</source>
        <comment>end of a sentence</comment>
        <translation>。</translation>
    </message>
    <message>
        <source>{one} and {another}</source>
        <translation>{one} 和 {another}</translation>
    </message>
    <message>
        <source>{one}; {another}</source>
        <translation>{one}；{another}</translation>
    </message>
    <message>
        <source>median {median}, longest {longest} (frame {frame})</source>
        <translation>中位数 {median}，最长 {longest}（第 {frame} 帧）</translation>
    </message>
</context>
</TS>
