"""Runs inside Blender on a node: renders the frames that a list names, each to the file beside it.

Apache-2.0, part of Windfire. After ``--`` come the list (a frame, a tab and a file each line) and a JSON object of what was
chosen at submission: camera, width, height, samples, format. The GPUs are those that the agent lets this process
see; without any, Cycles renders on the cores. Stays within what Blender 2.93 to 5.x have in common.
"""

import json
import os
import sys

import bpy

GPU_KINDS = ("OPTIX", "CUDA")


def use_devices(scene):
    if scene.render.engine != "CYCLES":
        return
    has_gpu = os.environ.get("CUDA_VISIBLE_DEVICES", "") not in ("", "-1")
    kind = choose_gpus(bpy.context.preferences.addons["cycles"].preferences) if has_gpu else ""
    scene.cycles.device = "GPU" if kind else "CPU"
    print("Windfire: Cycles on " + (kind or "the cores"), flush=True)
    cores = os.environ.get("WINDFIRE_CORES", "")
    if cores and not kind:
        scene.render.threads_mode, scene.render.threads = "FIXED", int(cores)


def choose_gpus(preferences):
    """Switch every GPU of the first kind on that this Blender can drive; return the kind, or nothing."""
    for kind in GPU_KINDS:
        try:
            preferences.compute_device_type = kind
        except TypeError:
            continue
        preferences.get_devices()
        usable = [device for device in preferences.devices if device.type == kind]
        for device in preferences.devices:
            device.use = device in usable
        if usable:
            return kind
    return ""


def set_choice(scene, choice):
    render = scene.render
    if choice.get("camera"):
        scene.camera = scene.objects[choice["camera"]]
    if choice.get("width"):
        render.resolution_x, render.resolution_y = choice["width"], choice["height"]
        render.resolution_percentage = 100
    if choice.get("samples") and render.engine == "CYCLES":
        scene.cycles.samples = choice["samples"]
    elif choice.get("samples") and hasattr(scene, "eevee"):
        scene.eevee.taa_render_samples = choice["samples"]
    render.image_settings.file_format = choice["format"]
    render.use_file_extension, render.use_overwrite, render.use_placeholder = True, True, False


def main():
    given = sys.argv[sys.argv.index("--") + 1 :]
    scene = bpy.context.scene
    set_choice(scene, json.loads(given[1]))
    use_devices(scene)
    with open(given[0], encoding="utf-8") as lines:
        wanted = [line.rstrip("\n").split("\t", 1) for line in lines]
    for number, path in wanted:
        scene.frame_set(int(number))
        scene.render.filepath = path
        bpy.ops.render.render(write_still=True, scene=scene.name)


main()
