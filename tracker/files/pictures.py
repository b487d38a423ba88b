"""Pictures, drawn anew: turned as the camera meant, in plain sRGB, and nothing but the picture."""

from __future__ import annotations

import io
import warnings
from typing import Any

from PIL import Image, ImageCms, ImageOps, JpegImagePlugin

from tracker.file_limits import FileLimits
from tracker.files.kinds import FileKind
from tracker.files.refusal import Refused, Why

FORMATS = {FileKind.PNG: "PNG", FileKind.JPEG: "JPEG", FileKind.WEBP: "WEBP", FileKind.GIF: "GIF"}
_ORIENTATION, _GPS = 0x0112, 0x8825
# What of a picture's notes belongs to how it looks.
_KEPT = ("transparency",)


def clean(kind: FileKind, content: bytes, limits: FileLimits) -> tuple[bytes, list[str]]:
    """The picture alone, and what was found beside it. Raises Refused for more pixels than we would hold."""
    Image.MAX_IMAGE_PIXELS = limits.pixels
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(content), formats=[FORMATS[kind]])
            frames = 1 if kind is FileKind.JPEG else getattr(image, "n_frames", 1)
            if image.width * image.height * frames > limits.pixels:
                raise Refused(Why.TOO_MANY_PIXELS)
            notes = _found(image)
            image.load()
            kept = _moving(image, kind, frames) if frames > 1 else _still(image, kind, content, notes)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise Refused(Why.TOO_MANY_PIXELS) from None
    return kept, notes


def _found(image: Image.Image) -> list[str]:
    exif = image.getexif()
    told = [name for name in ("exif", "xmp", "XML:com.adobe.xmp", "comment", "photoshop") if image.info.get(name)]
    texts = getattr(image, "text", None)
    notes = ["metadata"] if told or texts or exif else []
    if exif and exif.get_ifd(_GPS):
        notes.insert(0, "location")
    return notes


def _still(image: Image.Image, kind: FileKind, content: bytes, notes: list[str]) -> bytes:
    options: dict[str, Any] = {}
    turned = image.getexif().get(_ORIENTATION, 1) != 1
    if kind is FileKind.JPEG:
        # A drawing whose pixels stay as they are keeps its own tables, and so its quality.
        same = image.format == "JPEG" and not turned and not image.info.get("icc_profile")
        sampling = JpegImagePlugin.get_sampling(image) if hasattr(image, "layers") else -1
        options = {"quality": "keep"} if same else {"quality": 92, "subsampling": sampling if sampling >= 0 else 0}
    elif kind is FileKind.WEBP:
        options = {"lossless": True, "exact": True} if b"VP8L" in content[:64] else {"quality": 90}
    if turned:
        image = ImageOps.exif_transpose(image)
    image = _in_srgb(image)
    image.info = {name: image.info[name] for name in _KEPT if name in image.info}
    out = io.BytesIO()
    image.save(out, FORMATS[kind], **options)
    return out.getvalue()


def _in_srgb(image: Image.Image) -> Image.Image:
    """The same colours without a profile of its own, which may name the device and its owner."""
    profile = image.info.get("icc_profile")
    if not profile or image.mode not in ("RGB", "RGBA", "CMYK"):
        return image
    alpha = image.getchannel("A") if image.mode == "RGBA" else None
    flat = image.convert("RGB") if alpha else image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        found = ImageCms.profileToProfile(flat, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        return image  # a profile that nobody can use changes nothing by going
    assert found is not None
    if alpha is not None:
        found.putalpha(alpha)
    return found


def _moving(image: Image.Image, kind: FileKind, frames: int) -> bytes:
    pictures, durations = [], []
    for number in range(frames):
        image.seek(number)
        picture = image.convert("RGBA")
        durations.append(image.info.get("duration") or 100)
        picture.info = {}
        pictures.append(picture)
    options: dict[str, Any] = {"duration": durations, "save_all": True, "append_images": pictures[1:]}
    if "loop" in image.info:
        options["loop"] = image.info["loop"]
    if kind is not FileKind.WEBP:
        options["disposal"] = 2 if kind is FileKind.GIF else 1
    out = io.BytesIO()
    pictures[0].save(out, FORMATS[kind], **options)
    return out.getvalue()
