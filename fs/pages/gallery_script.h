// SPDX-License-Identifier: BSD-3-Clause
// The script of index.html; for gallery.cpp only.
#pragma once

#include <string_view>

namespace platefs::fs {

constexpr std::string_view kGalleryScript = R"js(
(() => {
  const cards = [...document.querySelectorAll('.card')], form = document.forms[0];
  const stampOf = card => card.querySelector('.pic').getAttribute('href');
  const hasFailed = card => card.querySelector('.pic').classList.contains('none');
  document.addEventListener('error', event => {
    const image = event.target;
    if (image.tagName !== 'IMG') return;
    if (image.classList.contains('whole')) image.remove();
    else if (image.parentNode && image.parentNode.classList.contains('pic')) image.parentNode.classList.add('none');
  }, true);

  // Stamps in view come first; when all of them are there, those that a little scrolling would bring.
  const awaited = new Set(), nearby = new Set();
  const bring = card => {
    nearby.delete(card);
    const image = card.querySelector('.pic > img:not(.whole)');
    if (!image || image.classList.contains('due')) return;
    const came = () => {
      awaited.delete(image);
      if (!awaited.size) for (const next of [...nearby]) bring(next);
    };
    awaited.add(image);
    for (const end of ['load', 'error']) image.addEventListener(end, came, {once: true});
    image.classList.add('due');
    image.loading = 'eager';
    if (image.naturalWidth) came();
  };
  const watch = (margin, take) => {
    const seen = new IntersectionObserver(entries => {
      for (const {target} of entries.filter(entry => entry.isIntersecting)) { seen.unobserve(target); take(target); }
    }, {rootMargin: margin});
    for (const card of cards) seen.observe(card);
  };
  watch('0px', bring);
  watch('100% 0px', card => awaited.size ? nearby.add(card) : bring(card));

  // The whole plate, while the mouse rests on a stamp, or after a tap.
  const showWhole = pic => {
    if (pic.querySelector('.whole')) return;
    const whole = new Image();
    whole.className = 'whole';
    whole.alt = 'The whole plate';
    whole.src = pic.dataset.whole;
    pic.append(whole);
  };
  const hideWhole = pic => { const whole = pic.querySelector('.whole'); if (whole) whole.remove(); };
  let resting = 0;
  for (const card of cards) {
    const pic = card.querySelector('.pic');
    pic.addEventListener('pointerenter', event => {
      if (event.pointerType === 'mouse') { clearTimeout(resting); resting = setTimeout(showWhole, 250, pic); }
    });
    pic.addEventListener('pointerleave', event => {
      if (event.pointerType === 'mouse') { clearTimeout(resting); hideWhole(pic); }
    });
    pic.addEventListener('click', event => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      if (event.pointerType === 'mouse') { clearTimeout(resting); hideWhole(pic); player.show(card, true); }
      else if (pic.querySelector('.whole')) hideWhole(pic);
      else showWhole(pic);
    });
  }

  // The epochs one after the other at one place on the screen.
  const player = (() => {
    const box = document.querySelector('.player');
    if (!box) return {show() {}, take() {}};
    const part = name => box.querySelector(`[name=${name}]`), one = name => box.querySelector('.' + name);
    const screen = one('screen'), slider = part('epoch'), kept = new Map(), mostKept = 300, ahead = 8;
    let shown = cards, at = 0, mark = null, places = [], timer = 0, isComparing = false, wanted = 0, drawn = 0;
    const imageOf = async card => {
      if (hasFailed(card)) return null;
      if (!kept.has(card)) {
        if (kept.size >= mostKept) kept.delete(kept.keys().next().value);
        const image = new Image();
        image.alt = '';
        image.src = stampOf(card);
        kept.set(card, image.decode().then(() => image, () => null));
      }
      return kept.get(card);
    };
    const tell = card => {
      one('when').textContent = (isComparing ? '● ' : '') + (card.dataset.date || 'no date');
      one('what').textContent = card.dataset.what;
    };
    const draw = async card => {
      const turn = ++wanted, image = await imageOf(card);
      if (turn !== wanted) return;
      if (image && screen.firstElementChild !== image) screen.replaceChildren(image);
      if (!image) screen.replaceChildren('no stamp');
      tell(card);
      box.dispatchEvent(new CustomEvent('shown', {detail: {card, isLast: !shown.slice(shown.indexOf(card) + 1).some(next => !hasFailed(next))}}));
      box.dataset.drawn = ++drawn;
      box.dataset.plate = card.id || card.dataset.date;
    };
    const go = (to, sense = 1) => {
      if (!shown.length) return;
      const count = shown.length;
      at = (to % count + count) % count;
      for (let tries = 0; tries < count && hasFailed(shown[at]); ++tries) at = (at + sense + count) % count;
      slider.value = places[at];
      one('number').textContent = `${at + 1} of ${count}`;
      return draw(shown[at]);
    };
    const tick = async () => {
      const begun = performance.now(), frame = 1000 / part('speed').value;
      for (let i = 1; i <= ahead && i < shown.length; ++i) imageOf(shown[(at + i) % shown.length]);
      const next = (at + 1) % shown.length;
      if (await imageOf(shown[next]) === null) shown[next].querySelector('.pic').classList.add('none');
      if (!timer) return;
      await go(next);
      if (timer) timer = setTimeout(tick, Math.max(0, frame - (performance.now() - begun)));
    };
    const play = on => {
      clearTimeout(timer);
      timer = on && shown.length > 1 ? setTimeout(tick) : 0;
      part('play').textContent = timer ? 'pause' : 'play';
      box.dataset.plays = timer ? 1 : 0;
    };
    const step = sense => { play(false); go(at + sense, sense); };
    const compare = on => {
      if (on === isComparing || !shown.length) return;
      isComparing = on;
      box.classList.toggle('compares', on);
      if (on) { play(false); draw(mark || shown[0]); } else draw(shown[at]);
    };
    const keep = () => {
      mark = shown[at];
      part('keep').textContent = `compare with ${mark.dataset.date || 'this'}`;
    };
    slider.addEventListener('input', () => {
      play(false);
      let best = 0;
      places.forEach((place, i) => { if (Math.abs(place - slider.value) < Math.abs(places[best] - slider.value)) best = i; });
      go(best);
    });
    box.addEventListener('step', event => step(event.detail));
    part('back').onclick = () => step(-1);
    part('on').onclick = () => step(1);
    part('play').onclick = () => play(!timer);
    part('keep').onclick = keep;
    const hold = part('hold');
    hold.addEventListener('pointerdown', event => { hold.setPointerCapture(event.pointerId); compare(true); });
    for (const end of ['pointerup', 'pointercancel', 'lostpointercapture']) hold.addEventListener(end, () => compare(false));
    hold.addEventListener('contextmenu', event => event.preventDefault());
    const ring = part('mark');
    const showRing = on => { ring.checked = on; document.body.classList.toggle('unmarked', !on); };
    ring.addEventListener('input', () => showRing(ring.checked));
    const isTyping = target => target.matches('input[type=number], select, textarea');
    document.addEventListener('keydown', event => {
      if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey || !shown.length) return;
      const keys = {ArrowLeft: () => step(-1), ArrowRight: () => step(1), ' ': () => event.repeat || play(!timer),
        c: () => compare(true), k: keep, m: () => showRing(!ring.checked), Home: () => step(-at), End: () => step(shown.length - 1 - at)};
      const inView = box.getBoundingClientRect();
      const isInView = inView.bottom > 0 && inView.top < innerHeight;
      if (!keys[event.key] || (!isInView && !timer)) return;
      event.preventDefault();
      keys[event.key]();
    });
    document.addEventListener('keyup', event => event.key === 'c' && compare(false));
    document.addEventListener('visibilitychange', () => document.hidden && play(false));
    return {
      /** These cards, in this order, at `placing` each along the slider. */
      take(list, placing) {
        play(false);
        const before = shown[at];
        shown = list;
        places = list.map((card, i) => placing(card, i));
        box.hidden = !list.length;
        if (!list.length) return;
        slider.min = Math.min(...places);
        slider.max = Math.max(...places);
        box.querySelector('.ends').replaceChildren(...[list[0], list[list.length - 1]].map(card => {
          const end = document.createElement('span');
          end.textContent = card.dataset.date || 'no date';
          return end;
        }));
        go(Math.max(0, list.indexOf(before)));
      },
      show(card, scroll) {
        play(false);
        go(Math.max(0, shown.indexOf(card)));
        if (scroll) box.scrollIntoView({block: 'nearest', behavior: 'smooth'});
      }
    };
  })();

  // Filters and orders.
  const sections = [...document.querySelectorAll('section.epoch')];
  const homes = cards.map(card => card.parentNode);
  const loose = document.querySelector('.loose');
  const number = (card, name) => card.dataset[name] === '' ? Infinity : +card.dataset[name];
  const orders = {date: null, scale: card => number(card, 'scale'), exposure: card => -number(card, 'exposure'),
    offset: card => number(card, 'offset')};
  let order = 'date';
  const arrange = name => {
    if (name === order) return;
    order = name;
    const value = orders[name];
    if (value) {
      const missing = card => !isFinite(value(card));
      loose.append(...[...cards].sort((a, b) => missing(a) - missing(b) || (missing(a) ? 0 : value(a) - value(b))));
    } else {
      cards.forEach((card, i) => homes[i].append(card));
    }
    loose.hidden = !value;
  };
  const show = () => {
    let list = cards;
    if (form) {
      arrange(form.elements.order.value);
      const isWanted = ['archive', 'collection'].map(name => {
        const boxes = [...form.querySelectorAll(`[name=${name}]`)];
        const wanted = new Set(boxes.filter(box => box.checked).map(box => box.value));
        return card => !boxes.length || wanted.has(card.dataset[name]);
      });
      const {from, to, scale} = Object.fromEntries(['from', 'to', 'scale'].map(name => [name, form.elements[name].value]));
      for (const card of cards) {
        const year = card.dataset.year;
        const inTime = year === '' ? !from && !to : (!from || +year >= +from) && (!to || +year <= +to);
        const isFine = !scale || (card.dataset.scale !== '' && +card.dataset.scale <= +scale);
        card.hidden = !(inTime && isFine && isWanted.every(is => is(card)));
      }
      const all = order === 'date' ? cards : [...loose.children];
      list = all.filter(card => !card.hidden);
      for (const section of sections) section.hidden = !section.querySelector('.card:not([hidden])');
      form.elements.shown.value = `${list.length} of ${cards.length} plates`;
    }
    // Those without a date stand behind the others.
    const latest = Math.max(...list.map(card => card.dataset.mjd === '' ? -Infinity : +card.dataset.mjd));
    player.take(list, (card, i) => order !== 'date' ? i :
      card.dataset.mjd !== '' ? +card.dataset.mjd : (isFinite(latest) ? latest + 200 : 0) + i);
  };
  if (form) {
    form.hidden = false;
    form.addEventListener('input', show);
    form.addEventListener('submit', event => event.preventDefault());
    form.addEventListener('reset', () => setTimeout(show));
  }
  show();
  addEventListener('beforeprint', () => {
    if (cards.length <= 200) for (const image of document.images) image.loading = 'eager';
  });
})();
)js";

}  // namespace platefs::fs
