// SPDX-License-Identifier: BSD-3-Clause
// The style sheet of index.html; for gallery.cpp only.
#pragma once

#include <string_view>

namespace platefs::fs {

// Eight colours that people with any colour vision tell apart (after Okabe and Ito), by archive.
constexpr std::string_view kGalleryStyle = R"css(
:root{color-scheme:light dark;--paper:#f6f4ef;--sheet:#fff;--ink:#1d1f24;--soft:#5c6068;--line:#dcd8cf;
--link:#0b57a4;--well:#e9e6df;--warn:#8a3b00;--warnbg:#fff3df;
--c0:#0072b2;--c1:#d55e00;--c2:#009e73;--c3:#a0568a;--c4:#b58900;--c5:#3f8fbf;--c6:#6b6b6b;--c7:#7a4fbf}
@media(prefers-color-scheme:dark){:root{--paper:#14161a;--sheet:#1d2026;--ink:#e9e7e2;--soft:#a3a7b0;--line:#343841;
--link:#8cc2ff;--well:#0c0d10;--warn:#ffcf8f;--warnbg:#33260f;
--c0:#4aa8e0;--c1:#f08a4b;--c2:#3ecba0;--c3:#d58bbd;--c4:#e0bf4a;--c5:#86c7ec;--c6:#b4b4b4;--c7:#b294ec}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.45 system-ui,"Segoe UI",Roboto,"Helvetica Neue",
"DejaVu Sans",sans-serif}
a{color:var(--link)}
header,main,footer{max-width:88rem;margin:0 auto;padding:0 1.25rem}
header{padding-top:1.6rem}
h1{margin:0;font-size:1.9rem;line-height:1.15;font-weight:650;overflow-wrap:anywhere}
.place{margin:.3rem 0 0;color:var(--soft);font-variant-numeric:tabular-nums}
.sum{margin:.7rem 0 0;font-size:1.05rem}
.sheets{display:flex;flex-wrap:wrap;gap:.35rem .9rem;margin:.6rem 0 0;padding:0;list-style:none;font-size:.95rem}
.warn{margin:1rem 0 0;padding:.6rem .9rem;border-left:4px solid var(--warn);background:var(--warnbg);color:var(--ink);
border-radius:4px}
.warn p{margin:.15rem 0;overflow-wrap:anywhere}
.timeline{margin:1.4rem 0 0;padding:.9rem 1rem .6rem;background:var(--sheet);border:1px solid var(--line);border-radius:8px}
.timeline svg{display:block;width:100%;height:7.5rem;border-bottom:1px solid var(--soft)}
.timeline .hit{fill:transparent}
.timeline a:hover .hit,.timeline a:focus .hit{fill:var(--line)}
.a0{fill:var(--c0)}.a1{fill:var(--c1)}.a2{fill:var(--c2)}.a3{fill:var(--c3)}
.a4{fill:var(--c4)}.a5{fill:var(--c5)}.a6{fill:var(--c6)}.a7{fill:var(--c7)}
.years{position:relative;height:1.4rem;font-size:.82rem;color:var(--soft);font-variant-numeric:tabular-nums}
.years span{position:absolute;top:.15rem;transform:translateX(-50%)}
figcaption{font-size:.82rem;color:var(--soft)}
form{position:sticky;top:0;z-index:2;display:flex;flex-wrap:wrap;align-items:center;gap:.4rem 1.1rem;margin:1rem 0 0;
padding:.6rem 1rem;background:var(--sheet);border:1px solid var(--line);border-radius:8px}
form[hidden]{display:none}
fieldset{display:flex;flex-wrap:wrap;gap:.2rem 1.1rem;margin:0;padding:0;border:0;max-height:5.5rem;overflow:auto}
legend{display:none}
label{display:inline-flex;align-items:center;gap:.35rem;white-space:nowrap}
input[type=number]{width:5.2rem;font:inherit;padding:.15rem .3rem}
button{font:inherit;padding:.15rem .7rem}
output{margin-left:auto;color:var(--soft)}
.dot{display:inline-block;width:.7em;height:.7em;border-radius:50%;flex:none}
.dot.a0{background:var(--c0)}.dot.a1{background:var(--c1)}.dot.a2{background:var(--c2)}.dot.a3{background:var(--c3)}
.dot.a4{background:var(--c4)}.dot.a5{background:var(--c5)}.dot.a6{background:var(--c6)}.dot.a7{background:var(--c7)}
h2{margin:1.8rem 0 .7rem;font-size:1.25rem;font-weight:600;border-bottom:1px solid var(--line);padding-bottom:.2rem}
h2 small{font-weight:400;color:var(--soft);font-size:.85rem;margin-left:.4rem}
.grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(16rem,1fr));gap:1rem}
.card{display:flex;flex-direction:column;height:29rem;background:var(--sheet);border:1px solid var(--line);
border-radius:8px;overflow:hidden;scroll-margin-top:4.5rem;content-visibility:auto;contain-intrinsic-size:16rem 29rem}
.card[hidden],section[hidden]{display:none}
.card:target{outline:3px solid var(--link)}
.pic{position:relative;display:flex;align-items:center;justify-content:center;height:16.5rem;flex:none;
background:var(--well);color:var(--soft);font-size:.85rem;text-align:center;text-decoration:none}
.pic img{width:100%;height:16.5rem;object-fit:contain;display:block;overflow:hidden;line-height:16.5rem}
.pic .whole{position:absolute;inset:0;background:var(--well)}
.pic.none>img:not(.whole){display:none}
@media screen{.scripted .card img:not(.due,.whole){display:none}}
.pic.none:not(:has(.why))::before{content:"no stamp: errors.txt says why"}
.why{padding:.8rem;max-height:100%;overflow:hidden;overflow-wrap:anywhere;font-size:.8rem;text-align:left}
@media(prefers-color-scheme:dark){.pic img,.screen img{filter:brightness(.88)}}
.player{display:grid;grid-template-columns:minmax(16rem,30rem) minmax(16rem,1fr);gap:.4rem 1.4rem;margin:1.2rem 0 0;padding:1rem;
background:var(--sheet);border:1px solid var(--line);border-radius:8px;align-items:center}
.player[hidden]{display:none}
.screen{position:relative;width:100%;aspect-ratio:1;background:var(--well);border-radius:4px;overflow:hidden}
.screen img{position:absolute;inset:0;width:100%;height:100%;display:block}
.screen::after,.pic:not(.none):has(img)::after{content:"";position:absolute;left:50%;top:50%;aspect-ratio:1;
border:1.5px solid var(--c1);border-radius:50%;transform:translate(-50%,-50%);pointer-events:none;opacity:.85}
.screen::after{width:17%}.pic::after{height:17%}.pic:has(.whole)::after,.unmarked .screen::after,.unmarked .pic::after{display:none!important}
.when{font-size:2rem;font-weight:650;line-height:1.1;font-variant-numeric:tabular-nums}
.what{color:var(--soft);min-height:3em;margin:.2rem 0 .6rem;overflow-wrap:anywhere}
.panel input[type=range]{width:100%;accent-color:var(--link)}
.ends{display:flex;justify-content:space-between;color:var(--soft);font-size:.85rem;font-variant-numeric:tabular-nums}
.keys{display:flex;flex-wrap:wrap;gap:.5rem;margin:.7rem 0 .5rem;align-items:center}
.keys button{padding:.3rem .8rem;touch-action:manipulation;user-select:none;-webkit-user-select:none}
.keys .play{font-weight:650;min-width:6rem}
.keys label{gap:.5rem}.keys input[type=range]{width:8rem}
.player.compares .when{color:var(--warn)}
kbd{font:.85em ui-monospace,"DejaVu Sans Mono",monospace;border:1px solid var(--line);border-radius:3px;padding:0 .3em}
.text{display:flex;flex-direction:column;gap:0;padding:.6rem .8rem .7rem;min-height:0;flex:1}
h3{margin:0;font-size:1.1rem;font-weight:650;font-variant-numeric:tabular-nums}
h3 span{font-weight:400;color:var(--soft);font-size:.9rem}
.text p{margin:0;font-size:.86rem;line-height:1.55;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
.soft{color:var(--soft)}
.text .links{margin-top:auto;padding-top:.3rem;display:flex;flex-wrap:wrap;gap:.1rem .8rem;white-space:normal;font-size:.92rem}
footer{margin-top:2.5rem;padding-bottom:2rem;color:var(--soft);font-size:.88rem}
code{font:.92em ui-monospace,"DejaVu Sans Mono",Consolas,monospace;overflow-wrap:anywhere}
@media(max-width:36rem){header,main,footer{padding-left:.8rem;padding-right:.8rem}h1{font-size:1.5rem}
.timeline svg{height:5.5rem}.years span:nth-child(even){display:none}
form{position:static}.grid{grid-template-columns:1fr;gap:.8rem}
.card{height:auto;contain-intrinsic-size:auto 30rem}.text p{white-space:normal}
.pic,.pic img{height:min(100vw,24rem)}.player{grid-template-columns:1fr;padding:.7rem}.when{font-size:1.6rem}
.links a{padding:.3rem 0}}
@media print{.screen::after,.pic::after{display:none!important}:root{color-scheme:light;--paper:#fff;--sheet:#fff;--ink:#000;--soft:#333;--line:#999;--well:#fff;--link:#000}
@page{margin:12mm}
body{font-size:7.5pt}form,.player,.text .links,.sheets,section h2,footer{display:none}
header,main,footer{max-width:none;padding:0}h1{font-size:16pt}
.timeline{margin:3mm 0;padding:2mm}.timeline svg{height:1.6cm}
.plates{display:grid;grid-template-columns:repeat(6,1fr);gap:2mm}section,.grid{display:contents}
.card{height:auto;content-visibility:visible;break-inside:avoid;border-radius:0}
.pic,.pic img{height:2.9cm;filter:none}.pic{line-height:1.3;font-size:6pt}.pic img{line-height:2.9cm}
.text{padding:.8mm 1mm}.text p,h3,h3 span{font-size:6.5pt;line-height:1.3}.text p:nth-of-type(n+3):not(.soft){display:none}
.text p.soft{font-size:5.5pt}a{text-decoration:none}}
)css";

}  // namespace platefs::fs
