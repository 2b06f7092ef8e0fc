<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
<context>
    <name></name>
    <message numerus="yes">
        <source>{n} frame(s)</source>
        <translation>
            <numerusform>{n} frame</numerusform>
            <numerusform>{n} frames</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} node(s)</source>
        <translation>
            <numerusform>{n} node</numerusform>
            <numerusform>{n} nodes</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} step(s): {steps}; {place}.</source>
        <translation>
            <numerusform>{n} step: {steps}; {place}.</numerusform>
            <numerusform>{n} steps: {steps}; {place}.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} task(s), {place}.</source>
        <translation>
            <numerusform>{n} task, {place}.</numerusform>
            <numerusform>{n} tasks, {place}.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} frame(s) of {width} × {height} pixels by Blender, {place}.</source>
        <translation>
            <numerusform>{n} frame of {width} × {height} pixels by Blender, {place}.</numerusform>
            <numerusform>{n} frames of {width} × {height} pixels by Blender, {place}.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} frame(s) of {width} × {height} pixels, {samples} samples each, {place}.</source>
        <translation>
            <numerusform>{n} frame of {width} × {height} pixels, {samples} samples each, {place}.</numerusform>
            <numerusform>{n} frames of {width} × {height} pixels, {samples} samples each, {place}.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{done} of {n} sample(s)</source>
        <translation>
            <numerusform>{done} of {n} sample</numerusform>
            <numerusform>{done} of {n} samples</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{done} of {n} frame(s) done</source>
        <translation>
            <numerusform>{done} of {n} frame done</numerusform>
            <numerusform>{done} of {n} frames done</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} shot(s) finished</source>
        <translation>
            <numerusform>{n} shot finished</numerusform>
            <numerusform>{n} shots finished</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} attempt(s) failed</source>
        <translation>
            <numerusform>{n} attempt failed</numerusform>
            <numerusform>{n} attempts failed</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} promise(s) in danger</source>
        <translation>
            <numerusform>{n} promise in danger</numerusform>
            <numerusform>{n} promises in danger</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} frame(s) stuck</source>
        <translation>
            <numerusform>{n} frame stuck</numerusform>
            <numerusform>{n} frames stuck</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} failed</source>
        <comment>attempts</comment>
        <translation>
            <numerusform>{n} failed</numerusform>
            <numerusform>{n} failed</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} frame(s) left</source>
        <translation>
            <numerusform>{n} frame left</numerusform>
            <numerusform>{n} frames left</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{names} and {n} more</source>
        <translation>
            <numerusform>{names} and {n} more</numerusform>
            <numerusform>{names} and {n} more</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Show {n} more</source>
        <translation>
            <numerusform>Show {n} more</numerusform>
            <numerusform>Show {n} more</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} GPU(s)</source>
        <translation>
            <numerusform>{n} GPU</numerusform>
            <numerusform>{n} GPUs</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} core(s)</source>
        <translation>
            <numerusform>{n} core</numerusform>
            <numerusform>{n} cores</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} frame(s) done</source>
        <translation>
            <numerusform>{n} frame done</numerusform>
            <numerusform>{n} frames done</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} failed</source>
        <translation>
            <numerusform>{n} failed</numerusform>
            <numerusform>{n} failed</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>All {n} frame(s) are done.</source>
        <translation>
            <numerusform>Its one frame is done.</numerusform>
            <numerusform>All {n} frames are done.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} shot(s) are finished</source>
        <translation>
            <numerusform>{n} shot is finished</numerusform>
            <numerusform>{n} shots are finished</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} shot(s) have failed</source>
        <translation>
            <numerusform>{n} shot has failed</numerusform>
            <numerusform>{n} shots have failed</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} promise(s) will be late</source>
        <translation>
            <numerusform>{n} promise will be late</numerusform>
            <numerusform>{n} promises will be late</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} node(s) are lost</source>
        <translation>
            <numerusform>{n} node is lost</numerusform>
            <numerusform>{n} nodes are lost</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} forecast(s)</source>
        <translation>
            <numerusform>{n} forecast</numerusform>
            <numerusform>{n} forecasts</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{done} of {n} task(s) done</source>
        <translation>
            <numerusform>{done} of {n} task done</numerusform>
            <numerusform>{done} of {n} tasks done</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} running</source>
        <translation>
            <numerusform>{n} running</numerusform>
            <numerusform>{n} running</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} cancelled</source>
        <translation>
            <numerusform>{n} cancelled</numerusform>
            <numerusform>{n} cancelled</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} shot(s) later, most {shot}</source>
        <translation>
            <numerusform>{n} shot later, most {shot}</numerusform>
            <numerusform>{n} shots later, most {shot}</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{clause} and {n} more</source>
        <translation>
            <numerusform>{clause} and {n} more</numerusform>
            <numerusform>{clause} and {n} more</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} shot(s)</source>
        <translation>
            <numerusform>{n} shot</numerusform>
            <numerusform>{n} shots</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} task(s)</source>
        <translation>
            <numerusform>{n} task</numerusform>
            <numerusform>{n} tasks</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} late</source>
        <translation>
            <numerusform>{n} late</numerusform>
            <numerusform>{n} late</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} change(s) waiting</source>
        <translation>
            <numerusform>{n} change waiting</numerusform>
            <numerusform>{n} changes waiting</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} shot(s) to go</source>
        <translation>
            <numerusform>{n} shot to go</numerusform>
            <numerusform>{n} shots to go</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{busy} of {n} device(s) busy</source>
        <translation>
            <numerusform>{busy} of {n} device busy</numerusform>
            <numerusform>{busy} of {n} devices busy</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} node(s) asleep</source>
        <translation>
            <numerusform>{n} node asleep</numerusform>
            <numerusform>{n} nodes asleep</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>{n} node(s) away</source>
        <translation>
            <numerusform>{n} node away</numerusform>
            <numerusform>{n} nodes away</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>and {n} more</source>
        <translation>
            <numerusform>and {n} more</numerusform>
            <numerusform>and {n} more</numerusform>
        </translation>
    </message>
</context>
</TS>
