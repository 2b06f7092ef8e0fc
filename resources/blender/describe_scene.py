"""Runs inside Blender: writes what a .blend file would render, as JSON, to the file named after ``--``.

Apache-2.0, part of Windfire. Stays within what Blender 2.93 to 5.x have in common.
"""

import json
import sys

import bpy

MOVIES = {"AVI_JPEG", "AVI_RAW", "FFMPEG", "FRAMESERVER"}


def described(scene):
    render, image = scene.render, scene.render.image_settings
    scale = render.resolution_percentage / 100
    return {
        "scene": scene.name,
        "engine": render.engine,
        "first": scene.frame_start,
        "last": scene.frame_end,
        "stride": scene.frame_step,
        "width": int(render.resolution_x * scale),
        "height": int(render.resolution_y * scale),
        "format": image.file_format,
        "is_movie": image.file_format in MOVIES,
        "output": bpy.path.abspath(render.filepath),
        "camera": scene.camera.name if scene.camera else "",
        "cameras": sorted(item.name for item in scene.objects if item.type == "CAMERA"),
        "missing": missing(),
        "samples": samples(scene),
    }


def samples(scene):
    if scene.render.engine == "CYCLES":
        return scene.cycles.samples
    return scene.eevee.taa_render_samples if "EEVEE" in scene.render.engine else 0


def missing():
    """Pictures and libraries that the file names and that are not there."""
    import os

    paths = [(item, bpy.path.abspath(item.filepath)) for item in bpy.data.libraries]
    pictures = [item for item in bpy.data.images if item.source == "FILE" and not item.packed_file]
    paths += [(item, bpy.path.abspath(item.filepath)) for item in pictures]
    return sorted({path for _, path in paths if path and not os.path.exists(path)})


with open(sys.argv[sys.argv.index("--") + 1], "w", encoding="utf-8") as target:
    json.dump(described(bpy.context.scene), target)
