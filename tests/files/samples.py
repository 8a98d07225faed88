"""Small real files of every kind, made by hand."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

OOXML = "application/vnd.openxmlformats-officedocument"
DOCX_PART = f"{OOXML}.wordprocessingml.document.main+xml"
XLSX_PART = f"{OOXML}.spreadsheetml.sheet.main+xml"
ODT = b"application/vnd.oasis.opendocument.text"
FAT_END = 0xFFFFFFFE
FREE = 0xFFFFFFFF


def png() -> bytes:
    """One white dot."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        check = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    dots = zlib.compress(b"\x00\xff")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", dots) + chunk(b"IEND", b"")


def pdf() -> bytes:
    """One empty page."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>",
    ]
    content = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
    places = []
    for number, each in enumerate(objects, 1):
        places.append(len(content))
        content += b"%d 0 obj%sendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(content)
    content += b"xref\n0 4\n0000000000 65535 f \n" + table
    return content + b"trailer<</Size 4/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % start


def archive(*members: tuple[str, bytes], packed: int = zipfile.ZIP_DEFLATED, comment: bytes = b"") -> bytes:
    """A ZIP archive of *members*."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", packed) as written:
        for name, content in members:
            written.writestr(name, content)
        written.comment = comment
    return file.getvalue()


def types(part: str) -> tuple[str, bytes]:
    """An office document's list of types, with *part* as the type of its main part."""
    entry = f'<Types><Override PartName="/word/document.xml" ContentType="{part}"/></Types>'
    return "[Content_Types].xml", entry.encode()


def docx(*more: tuple[str, bytes], part: str = DOCX_PART) -> bytes:
    """A Word document."""
    return archive(types(part), ("_rels/.rels", b"<r/>"), ("word/document.xml", b"<w/>"), *more)


def xlsx(part: str = XLSX_PART) -> bytes:
    """An Excel workbook."""
    return archive(types(part), ("xl/workbook.xml", b"<w/>"), ("xl/worksheets/sheet1.xml", b"<s/>"))


def odt(*more: tuple[str, bytes], kind: bytes = ODT) -> bytes:
    """An OpenDocument file, its kind first and unpacked, as the standard wants it."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as written:
        written.writestr("mimetype", kind, zipfile.ZIP_STORED)
        for name, content in (("content.xml", b"<c/>"), ("META-INF/manifest.xml", b"<m/>"), *more):
            written.writestr(name, content, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def compound(*streams: str) -> bytes:
    """A compound file as Office wrote until 2003, with empty *streams*."""
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 62, 3, 0xFFFE, 9, 6)
    header += bytes(6) + struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, FAT_END, 0, FAT_END, 0)
    header += struct.pack("<I", 0) + struct.pack("<I", FREE) * 108
    table = struct.pack("<II", 0xFFFFFFFD, FAT_END) + struct.pack("<I", FREE) * 126
    directory = b"".join(_entry(name) for name in ("Root Entry", *streams))
    return header + table + directory.ljust(-(-len(directory) // 512) * 512, b"\0")


def _entry(name: str) -> bytes:
    text = name.encode("utf-16-le")
    return (text.ljust(64, b"\0") + struct.pack("<HBB", len(text) + 2, 2, 1)).ljust(128, b"\0")


def directory_of(entries: int) -> bytes:
    """An archive that is little but its directory, of *entries* empty members."""
    entry = struct.pack("<4s4B4HL2L5H2L", b"PK\1\2", 20, 3, 20, *[0] * 8, 1, *[0] * 6) + b"a"
    local = b"PK\3\4" + bytes(26)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, len(entry) * entries, len(local), 0)
    return local + entry * entries + end
