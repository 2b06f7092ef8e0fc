"""Windfire in Blender: a panel in the render properties that submits the saved file to the farm.

Apache-2.0, part of Windfire. It starts the ``windfire`` program and nothing else: what a submission means is said
there once. The program runs beside Blender; its pipes are drained by threads while a timer looks whether it has ended, so
that neither waits for the other. An extension from Blender 4.2 on, an add-on from 2.93 on.
"""

import re
import subprocess
import threading

import bpy

bl_info = {
    "name": "Windfire",
    "author": "The Windfire engineers",
    "version": (0, 1, 0),
    "blender": (2, 93, 0),
    "location": "Properties > Render > Windfire",
    "description": "Submit this file to a Windfire render queue",
    "category": "Render",
}
POLL_S = 0.2
SHOT = re.compile(r"[^/\s]+/[^/\s]+/[^/\s]+\Z")


class Submission:
    """A running ``windfire submit`` and what it has said so far."""

    def __init__(self, argv):
        self.lines = []
        self._process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
        )
        pipes = (self._process.stdout, self._process.stderr)
        self._readers = [threading.Thread(target=self._read, args=(p,), daemon=True) for p in pipes]
        for reader in self._readers:
            reader.start()

    def _read(self, pipe):
        with pipe:
            for line in pipe:
                self.lines.append(line.strip())

    def poll(self):
        """The exit status once the program has ended and all that it said is read; None before."""
        if self._process.poll() is None or any(reader.is_alive() for reader in self._readers):
            return None
        return self._process.returncode

    def wait(self):
        for reader in self._readers:
            reader.join()
        return self._process.wait()

    def end(self):
        """Give up: end the program."""
        if self._process.poll() is None:
            self._process.terminate()

    @property
    def last_line(self):
        said = [line for line in self.lines if line]
        return said[-1] if said else "windfire said nothing."


class WindfirePreferences(bpy.types.AddonPreferences):
    bl_idname = __package__

    program: bpy.props.StringProperty(
        name="Program",
        description="The windfire command line on this machine",
        default="windfire",
        subtype="FILE_PATH",
    )
    home: bpy.props.StringProperty(
        name="Farm's folder",
        description="What --home names; empty: the user's own farm",
        subtype="DIR_PATH",
    )

    def draw(self, _context):
        self.layout.prop(self, "program")
        self.layout.prop(self, "home")


class WindfireSettings(bpy.types.PropertyGroup):
    shot: bpy.props.StringProperty(name="Shot", description="PROJECT/SEQUENCE/SHOT")
    frames: bpy.props.StringProperty(
        name="Frames", description="Such as 1001-1100x2; empty: the scene's own"
    )
    chunk: bpy.props.IntProperty(name="Frames a task", default=1, min=1, max=1000)
    output: bpy.props.StringProperty(
        name="Folder", description="For the frames; empty: beside this file", subtype="DIR_PATH"
    )
    said: bpy.props.StringProperty(options={"SKIP_SAVE"})


def command(preferences, settings, path):
    """The argv of a submission; each field is one word, never part of a shell line."""
    argv = [preferences.program]
    if preferences.home:
        argv += ["--home", bpy.path.abspath(preferences.home)]
    argv += ["submit", path, "--chunk", str(settings.chunk), "--blender", bpy.app.binary_path]
    for option, value in (("--shot", settings.shot), ("--frames", settings.frames)):
        argv += [option, value] if value else []
    return argv + (["--out", bpy.path.abspath(settings.output)] if settings.output else [])


class WINDFIRE_OT_submit(bpy.types.Operator):
    """Save this file and put it into the render queue"""

    bl_idname = "windfire.submit"
    bl_label = "Submit to Windfire"

    _submission = None
    _timer = None

    @classmethod
    def poll(cls, _context):
        return bool(bpy.data.filepath)

    def execute(self, context):
        """Without a window (a script, a test) the answer is waited for."""
        if not self._start(context):
            return {"CANCELLED"}
        self._submission.wait()
        return self._finish(context)

    def invoke(self, context, _event):
        if not self._start(context):
            return {"CANCELLED"}
        manager = context.window_manager
        self._timer = manager.event_timer_add(POLL_S, window=context.window)
        manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context, event):
        if event.type == "ESC":
            self._submission.end()
        if event.type != "TIMER" or self._submission.poll() is None:
            return {"PASS_THROUGH"}
        context.window_manager.event_timer_remove(self._timer)
        return self._finish(context)

    def _start(self, context):
        settings = context.scene.windfire
        if settings.shot and not SHOT.match(settings.shot):
            self.report({"ERROR"}, "A shot is written PROJECT/SEQUENCE/SHOT")
            return False
        bpy.ops.wm.save_mainfile()
        preferences = context.preferences.addons[__package__].preferences
        try:
            self._submission = Submission(command(preferences, settings, bpy.data.filepath))
        except OSError as error:
            self.report({"ERROR"}, f"{preferences.program} cannot be started: {error.strerror}")
            return False
        settings.said = "Submitting ..."
        return True

    def _finish(self, context):
        status, said = self._submission.wait(), self._submission.last_line
        context.scene.windfire.said = said
        self.report({"ERROR"} if status else {"INFO"}, said)
        return {"CANCELLED"} if status else {"FINISHED"}


class WINDFIRE_PT_submit(bpy.types.Panel):
    bl_label = "Windfire"
    bl_space_type = "PROPERTIES"
    bl_region_type = "WINDOW"
    bl_context = "render"

    def draw(self, context):
        layout, settings = self.layout, context.scene.windfire
        layout.use_property_split = True
        for name in ("shot", "frames", "chunk", "output"):
            layout.prop(settings, name)
        if not bpy.data.filepath:
            layout.label(text="Save the file first", icon="INFO")
        layout.operator(WINDFIRE_OT_submit.bl_idname, icon="RENDER_ANIMATION")
        if settings.said:
            layout.label(text=settings.said)


CLASSES = (WindfirePreferences, WindfireSettings, WINDFIRE_OT_submit, WINDFIRE_PT_submit)


def register():
    for each in CLASSES:
        bpy.utils.register_class(each)
    bpy.types.Scene.windfire = bpy.props.PointerProperty(type=WindfireSettings)


def unregister():
    del bpy.types.Scene.windfire
    for each in reversed(CLASSES):
        bpy.utils.unregister_class(each)
