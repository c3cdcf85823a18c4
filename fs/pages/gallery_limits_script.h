// SPDX-License-Identifier: BSD-3-Clause
// Script and style of limits by eye in index.html; for gallery.cpp only.
#pragma once

#include <string_view>

namespace platefs::fs {

// Runs before the page's other script, which tells by the event "shown" of the player what is on the screen, and steps
// when it is told "step".
constexpr std::string_view kGalleryLimitsScript = R"js(
(() => {
  const box = document.querySelector('.player'), panel = document.querySelector('.limits');
  if (!box || !panel) return;
  const part = name => panel.querySelector(`[name=${name}]`), one = name => panel.querySelector('.' + name);
  const cards = [...document.querySelectorAll('.card')];
  const cardOf = new Map(cards.map(card => [card.dataset.plate, card]));
  const {place, from, stars: known} = panel.dataset;
  const ra0 = +panel.dataset.ra, dec0 = +panel.dataset.dec, radius = +panel.dataset.radius;
  const key = 'platefs limits ' + place, offerKey = 'platefs offer ' + place;
  const kept = {
    get: name => { try { return localStorage.getItem(name); } catch { return null; } },
    set: (name, value) => { try { localStorage.setItem(name, value); } catch { tell('this browser keeps nothing: download limits.csv before you leave'); } },
    drop: name => { try { localStorage.removeItem(name); } catch { /* nothing is kept */ } }
  };
  const tell = text => { one('told').textContent = text; };
  let stars = [], areOnStamps = false, judged = new Map(), now = null, isJudging = false;
  const none = {name: 'none', letters: '0', mag: NaN};

  // Tables: comma, bar, semicolon or tab between cells.
  const tableOf = text => {
    const lines = text.replace(/^\ufeff/, '').split(/\r?\n/).filter(line => line.trim() && !line.startsWith('#'));
    if (!lines.length) return {names: [], rows: []};
    const mark = [',', '|', ';', '\t'].reduce((best, each) => lines[0].split(each).length > lines[0].split(best).length ? each : best);
    const cellsOf = line => {
      const cells = [];
      let cell = '', isQuoted = false;
      for (let i = 0; i < line.length; ++i) {
        const c = line[i];
        if (isQuoted && c === '"' && line[i + 1] === '"') { cell += c; ++i; }
        else if (c === '"') isQuoted = !isQuoted;
        else if (c === mark && !isQuoted) { cells.push(cell.trim()); cell = ''; }
        else cell += c;
      }
      return [...cells, cell.trim()];
    };
    const names = cellsOf(lines[0]).map(name => name.toLowerCase());
    const rows = lines.slice(1).map(line => {
      const cells = cellsOf(line);
      return Object.fromEntries(names.map((name, i) => [name, cells[i] === undefined ? '' : cells[i]]));
    });
    return {names, rows};
  };
  const textOf = (rows, mark) => {
    const quoted = cell => /[,|"\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
    return rows.map(row => row.map(cell => quoted(String(cell))).join(mark)).join('\n') + '\n';
  };
  const save = (name, text) => {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([text], {type: 'text/csv'}));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  };

  // Comparison stars: as the programme reads sequence.csv.
  const degrees = (text, unit) => {
    if (/^[-+]?\d+(\.\d*)?([eE][-+]?\d+)?$/.test(text)) return +text;
    const parts = /^([-+]?)(\d+)[:hd ]\s*(\d+)(?:[:m ]\s*(\d+(?:\.\d*)?)s?)?$/.exec(text);
    return parts ? (parts[1] === '-' ? -1 : 1) * (+parts[2] + parts[3] / 60 + (parts[4] || 0) / 3600) * unit : NaN;
  };
  const first = (row, names) => { const found = names.find(name => name in row); return found === undefined ? '' : row[found]; };
  const kRad = Math.PI / 180;
  const placeOf = star => {   // parts of the picture's side, from its upper left corner
    const turn = (star.ra - ra0) * kRad, sin = Math.sin(star.dec * kRad), cos = Math.cos(star.dec * kRad);
    const sin0 = Math.sin(dec0 * kRad), cos0 = Math.cos(dec0 * kRad), depth = sin0 * sin + cos0 * cos * Math.cos(turn);
    if (depth <= 0) return null;
    const east = cos * Math.sin(turn) / depth / kRad, north = (cos0 * sin - sin0 * cos * Math.cos(turn)) / depth / kRad;
    const at = {x: 0.5 - east / (2 * radius), y: 0.5 - north / (2 * radius)};
    return at.x > 0 && at.x < 1 && at.y > 0 && at.y < 1 ? at : null;
  };
  const starsOf = rows => {
    const read = rows.map((row, i) => {
      const mag = first(row, ['mag', 'magnitude', 'vmag', 'v', 'bmag', 'b', 'gmag', 'g']);
      const star = {name: first(row, ['name', 'label', 'star', 'id', 'auid', 'source_id']) || mag, mag: mag === '' ? NaN : +mag,
        ra: degrees(first(row, ['ra', 'ra_deg', 'raj2000', 'ra_icrs', 'ra2000', '_ra']), 15),
        dec: degrees(first(row, ['dec', 'de', 'dec_deg', 'dej2000', 'de_icrs', 'dec2000', '_dec']), 1)};
      if (![star.mag, star.ra, star.dec].every(isFinite)) throw new Error(`row ${i + 1} of the sequence has no ra, dec, mag`);
      return star;
    });
    const inField = read.filter(placeOf).sort((a, b) => a.mag - b.mag).slice(0, 60);
    const names = inField.map(star => star.name.toLowerCase());
    const haveLetters = names.every(name => /^[a-z]$/.test(name)) && new Set(names).size === names.length;
    const letter = i => String.fromCharCode(97 + i % 26);
    inField.forEach((star, i) => { star.letters = haveLetters ? names[i] : (i < 26 ? '' : letter(Math.floor(i / 26) - 1)) + letter(i); });
    return inField;
  };

  // The letters over stamps that do not have them.
  const overlay = () => {
    const at = star => { const {x, y} = placeOf(star); return {x: (481 * x).toFixed(1), y: (481 * y).toFixed(1)}; };
    const markOf = star => {
      const {x, y} = at(star), side = x > 440 ? -1 : 1, end = +x + side * 17;
      const escaped = star.letters.replace(/[^a-z]/g, '');
      return `<path d="M${+x + side * 6} ${y}H${end}" stroke="white" stroke-width="3.6"/><path d="M${+x + side * 6} ${y}H${end}" ` +
        `stroke="rgb(0,80,180)" stroke-width="1.5"/><text x="${end + side * 2}" y="${+y + 6}" text-anchor="${side > 0 ? 'start' : 'end'}">${escaped}</text>`;
    };
    const picture = `<svg xmlns="${document.querySelector('.coverage svg').namespaceURI}" viewBox="0 0 481 481"><g font-family="DejaVu Sans,sans-serif" font-size="17" ` +
      'fill="rgb(0,80,180)" stroke-linejoin="round" style="paint-order:stroke" stroke="white" stroke-width="3">' + stars.map(markOf).join('') + '</g></svg>';
    document.body.classList.toggle('lettered', stars.length > 0 && !areOnStamps);
    document.body.style.setProperty('--letters', stars.length && !areOnStamps ? `url("data:image/svg+xml,${encodeURIComponent(picture)}")` : 'none');
  };

  const magnitude = star => isFinite(star.mag) ? star.mag.toFixed(1) : '';
  const starButton = star => {
    const button = document.createElement('button'), letters = document.createElement('b');
    button.type = 'button';
    button.dataset.star = star.name;
    letters.textContent = star.letters;
    button.append(letters, ' ' + (star === none ? 'none' : magnitude(star)));
    button.title = star === none ? 'none of them is seen' : star.name;
    button.onclick = () => judge(star, part('seen').checked);
    return button;
  };
  const adopt = (list, onStamps) => {
    stars = list;
    areOnStamps = onStamps;
    overlay();
    one('stars').replaceChildren(...stars.map(starButton), starButton(none));
    part('judge').hidden = !stars.length;
    one('title').hidden = one('hint').hidden = stars.length > 0;
    show();
  };

  // What was judged: by plate {limit, mag, seen}.
  const read = () => { try { judged = new Map(Object.entries(JSON.parse(kept.get(key) || '{}')).filter(([plate]) => cardOf.has(plate))); } catch { judged = new Map(); } };
  const keep = () => {
    // Plates that this page does not show (others' years, another answer) keep theirs.
    let all = {};
    try { all = JSON.parse(kept.get(key) || '{}'); } catch { all = {}; }
    for (const plate of cardOf.keys()) delete all[plate];
    kept.set(key, JSON.stringify(Object.assign(all, Object.fromEntries(judged))));
  };
  const letterOf = verdict => verdict.limit === 'none' ? '0' : (stars.find(star => star.name === verdict.limit) || {letters: verdict.limit}).letters;
  const words = verdict => (verdict.limit === 'none' ? 'none seen' : `${letterOf(verdict)} ${verdict.mag === '' ? '' : (+verdict.mag).toFixed(1)}`) + (verdict.seen ? ' · star seen' : '');
  const badge = plate => {
    const card = cardOf.get(plate), pic = card.querySelector('.pic'), verdict = judged.get(plate);
    let told = pic.querySelector('.judged');
    if (!verdict) { if (told) told.remove(); return; }
    if (!told) { told = document.createElement('span'); told.className = 'judged'; pic.append(told); }
    told.textContent = words(verdict);
  };
  const nights = is => new Set([...judged].filter(([plate, verdict]) => verdict.limit !== 'none' && cardOf.get(plate).dataset.date && is(verdict))
    .map(([plate]) => cardOf.get(plate).dataset.date)).size;
  const show = () => {
    const verdict = now && judged.get(now.card.dataset.plate);
    for (const button of one('stars').children) button.setAttribute('aria-pressed', !!verdict && verdict.limit === button.dataset.star);
    part('seen').checked = !!verdict && verdict.seen;
    one('verdict').textContent = verdict ? words(verdict) : 'not judged yet';
    one('results').hidden = !judged.size && !stars.length;
    part('judged').value = `${judged.size} of ${cards.length} plates judged`;
    for (const name of ['save', 'save-bars', 'forget']) part(name).disabled = !judged.size;
    part('save-sequence').hidden = !stars.length;
  };
  const changed = plates => { keep(); for (const plate of plates) badge(plate); show(); map(); };

  const judge = (star, seen) => {
    if (!now) return;
    const {card, isLast} = now;
    judged.set(card.dataset.plate, {limit: star.name, mag: isFinite(star.mag) ? star.mag : '', seen});
    changed([card.dataset.plate]);
    tell(`${card.dataset.date || card.dataset.plate}: ${words(judged.get(card.dataset.plate))}`);
    if (isLast) return tell(`the last plate; ${part('judged').value}`);
    step(1);
  };
  /** Until the other plate is seen there is none that a key could mean. */
  const step = sense => { now = null; box.dispatchEvent(new CustomEvent('step', {detail: sense})); };
  const takeBack = () => {
    const plate = now && now.card.dataset.plate;
    if (!plate) return;
    if (judged.delete(plate)) return changed([plate]);
    step(-1);
  };
  part('seen').addEventListener('input', () => {
    const plate = now && now.card.dataset.plate, verdict = judged.get(plate);
    if (!verdict) return;
    judged.set(plate, {...verdict, seen: part('seen').checked});
    changed([plate]);
  });
  const judging = on => {
    isJudging = on && stars.length > 0;
    one('judging').hidden = !isJudging;
    panel.classList.toggle('on', isJudging);
    part('judge').textContent = isJudging ? 'end judging' : 'judge limits';
    if (isJudging) box.scrollIntoView({block: 'nearest'});
  };
  part('judge').onclick = () => judging(!isJudging);
  box.addEventListener('shown', event => { now = event.detail; show(); });
  document.addEventListener('keydown', event => {
    if (event.target.matches('input:not([type=range]):not([type=checkbox]), select, textarea') || event.ctrlKey || event.metaKey || event.altKey) return;
    const pressed = event.key.toLowerCase(), star = pressed === '0' ? none : stars.find(each => each.letters === pressed);
    const action = !isJudging ? (pressed === 'l' && stars.length ? () => judging(true) : null)
      : pressed === 'escape' ? () => judging(false) : pressed === 'backspace' ? takeBack
      : star && !event.repeat ? () => judge(star, event.shiftKey) : null;
    if (!action) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    action();
  }, true);

  const limits = mark => textOf([['plate', 'date_min', 'date_max', 'limit', 'mag', 'seen'], ...cards.map(({dataset}) => {
    const verdict = judged.get(dataset.plate);
    return [dataset.plate, dataset.min, dataset.max, ...(verdict ? [verdict.limit, verdict.mag, verdict.seen] : ['', '', ''])];
  })], mark);
  part('save').onclick = () => save('limits.csv', limits(','));
  part('save-bars').onclick = () => save('limits.txt', limits('|'));
  part('save-sequence').onclick = () => save('sequence.csv', textOf([['name', 'ra', 'dec', 'mag'],
    ...stars.map(star => [star.name, star.ra, star.dec, star.mag])], ','));
  part('forget').onclick = () => {
    if (!confirm(`Forget the limits of ${judged.size} plates?`)) return;
    judged = new Map();
    changed([...cardOf.keys()]);
  };
  const load = ({rows}) => {
    const here = rows.filter(row => cardOf.has(row.plate) && row.limit);
    for (const row of here) judged.set(row.plate, {limit: row.limit, mag: row.mag === '' || !isFinite(row.mag) ? '' : +row.mag, seen: /^(true|t|1|yes)$/i.test(row.seen || '')});
    changed(here.map(row => row.plate));
    const missing = rows.filter(row => row.limit && !cardOf.has(row.plate)).length;
    tell(`${here.length} limits loaded` + (missing ? `; ${missing} of plates that are not here` : ''));
  };
  const take = text => {
    const table = tableOf(text);
    try {
      if (table.names.includes('plate') && table.names.includes('limit')) return load(table);
      const list = starsOf(table.rows);
      if (!list.length) return tell('none of its stars is on these stamps: wanted are name,ra,dec,mag in degrees or 10:24:02.7, +48:08:51');
      if (areOnStamps) return tell('the stamps show the letters of their own sequence.csv already: put the other file in its place');
      adopt(list, false);
      tell(`${list.length} comparison stars; press l, or "judge limits"`);
    } catch (error) { tell(error.message); }
  };
  const takeFiles = async files => { for (const file of files) take(await file.text()); };
  part('choose').onclick = () => part('load').click();
  part('load').addEventListener('change', async event => { await takeFiles(event.target.files); event.target.value = ''; });
  document.addEventListener('dragover', event => { if ([...event.dataTransfer.types].includes('Files')) event.preventDefault(); });
  document.addEventListener('drop', event => { event.preventDefault(); takeFiles(event.dataTransfer.files); });

  // Stars of the catalogue, which the mount asks for when catalogue.csv is opened; a page from file:// can read it only anew.
  const offer = part('offer');
  const takeOffer = () => { adopt(starsOf(tableOf(known).rows), false); offer.hidden = true; tell(`${stars.length} stars of the catalogue; press l, or "judge limits". Put sequence.csv beside your configuration to have them on the stamps`); };
  if (offer) offer.onclick = () => {
    kept.set(offerKey, 1);
    if (known) return takeOffer();
    offer.disabled = true;
    tell('asking …');
    const probe = new Image();
    probe.onload = probe.onerror = () => location.reload();
    probe.src = 'catalogue.csv';
  };

  // By year and month, under the timeline and as wide.
  const map = () => {
    const figure = document.querySelector('.coverage'), timeline = document.querySelector('.timeline svg');
    const cells = new Map();
    for (const [plate, verdict] of judged) {
      const date = cardOf.get(plate).dataset.date;
      if (!date || verdict.limit === 'none') continue;
      const [year, month] = date.split('-').map(Number), at = `${year} ${month}`;
      const cell = cells.get(at) || {year, month, dates: new Set(), mag: -Infinity, seen: 0};
      cell.dates.add(date);
      if (verdict.mag !== '') cell.mag = Math.max(cell.mag, verdict.mag);
      cell.seen += verdict.seen;
      cells.set(at, cell);
    }
    figure.hidden = !cells.size || !timeline;
    if (figure.hidden) return;
    const begin = +timeline.dataset.first, span = timeline.viewBox.baseVal.width, svg = figure.querySelector('svg'), ns = svg.namespaceURI;
    const mags = [...cells.values()].map(cell => cell.mag).filter(isFinite), low = Math.min(...mags), high = Math.max(...mags);
    svg.setAttribute('viewBox', `0 0 ${span} 12`);
    svg.replaceChildren(...[...cells.values()].map(({year, month, dates, mag, seen}) => {
      const rect = document.createElementNS(ns, 'rect'), title = document.createElementNS(ns, 'title');
      const depth = isFinite(mag) && high > low ? (mag - low) / (high - low) : 1;
      for (const [name, value] of Object.entries({x: year - begin, y: month - 1, width: 1, height: 1, 'fill-opacity': (0.25 + 0.75 * depth).toFixed(2)})) rect.setAttribute(name, value);
      if (seen) rect.setAttribute('class', 'seen');
      title.textContent = `${year}-${String(month).padStart(2, '0')}: ${dates.size} night${dates.size === 1 ? '' : 's'}` +
        (isFinite(mag) ? `, down to ${mag.toFixed(1)}` : '') + (seen ? ', the star is seen' : '');
      rect.append(title);
      return rect;
    }));
    const count = nights(() => true), seen = nights(verdict => verdict.seen);
    figure.dataset.nights = count;
    figure.querySelector('figcaption').textContent = `Limits by year and month: ${count} night${count === 1 ? '' : 's'}` +
      (isFinite(low) ? `, limits from ${low.toFixed(1)} (pale) to ${high.toFixed(1)} (full)` : '') + `; the star is seen on ${seen} (other colour)`;
  };

  read();
  for (const plate of judged.keys()) badge(plate);
  if (from === 'sequence') adopt(known ? starsOf(tableOf(known).rows) : [], true);
  else if (kept.get(offerKey) && known) takeOffer();
  else {
    adopt([], false);
    if (kept.get(offerKey) && offer && !known) { kept.drop(offerKey); tell('the catalogue did not answer; .platefs/log.txt says why'); }
  }
  map();
})();
)js";

constexpr std::string_view kGalleryLimitsStyle = R"css(
.limits{border-top:1px solid var(--line);margin-top:.8rem;padding-top:.5rem}
.limits .keys{margin:.2rem 0}.limits .results output{margin:0}
.limits.on{border-top-color:var(--link)}.player:has(.limits.on){align-items:start}
.limits [hidden],.coverage[hidden]{display:none}
.limits p{margin:.2rem 0}.limits .wrong{color:var(--warn)}
.stars{display:flex;flex-wrap:wrap;gap:.3rem;margin:.4rem 0}
.stars button{min-width:3.6rem;padding:.25rem .5rem;font-variant-numeric:tabular-nums;touch-action:manipulation}
.stars button[aria-pressed=true]{outline:2px solid var(--link);background:var(--link);color:var(--sheet)}
.verdict{font-weight:650}.hint{white-space:normal}
.judged{position:absolute;left:.4rem;top:.4rem;z-index:1;padding:.05rem .45rem;border-radius:4px;background:var(--sheet);color:var(--ink);
font-size:.85rem;font-variant-numeric:tabular-nums;opacity:.92}
.lettered .screen::before,.lettered .pic:not(.none):has(img):not(:has(.whole))::before{content:"";position:absolute;inset:0;z-index:1;
background:var(--letters) center/contain no-repeat;pointer-events:none}
.unmarked .screen::before,.unmarked .pic::before{display:none!important}
.coverage{margin:.7rem 0 0;padding:.6rem 1rem;background:var(--sheet);border:1px solid var(--line);border-radius:8px}
.coverage .map{position:relative}.coverage svg{display:block;width:100%;height:7.2rem;border-bottom:1px solid var(--soft);background:
repeating-linear-gradient(to bottom,transparent 0 calc(25% - 1px),var(--line) calc(25% - 1px) 25%)}
.coverage rect{fill:var(--c0);stroke:var(--sheet);stroke-width:.06}.coverage rect.seen{fill:var(--c1)}
.months{position:absolute;left:-.95rem;top:0;bottom:0;display:grid;grid-template-rows:repeat(4,1fr);font-size:.5rem;line-height:1;color:var(--soft)}
@media print{.limits{display:none}.judged{font-size:6pt}.coverage svg{height:1.6cm}}
)css";

}  // namespace platefs::fs
