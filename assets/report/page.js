/**
 * What a page does besides being read. What is pointed at in a picture is told, with the keyboard too; a heading sorts its table. The page says all
 * that it says without this.
 */
globalThis.livePage = (page) => {
  'use strict';

  const MOST = 12; // lines that are told at once

  // Pictures. A line is a path that says its name; the picture says what its axes measure.

  /** `linear 0 50 0 440`: how a place on an axis becomes a value, and how a value is written. */
  function axisOf(svg, name) {
    const [type, ...ends] = (svg.dataset[name] ?? '').split(' ');
    if (ends.length !== 4) return null;
    const [low, high, from, to] = ends.map(Number);
    return (place) => {
      const share = (place - from) / (to - from);
      return type === 'log' ? low * (high / low) ** share : low + share * (high - low);
    };
  }

  const text = (value) => {
    const size = Math.abs(value);
    if (size > 0 && (size < 1e-4 || size >= 1e9)) return value.toExponential(3);
    return value.toLocaleString('en', { maximumSignificantDigits: size >= 1e4 ? Math.ceil(Math.log10(size)) : 4 });
  };

  /** The points of a path of straight lines. */
  const pointsOf = (path) =>
    [...(path.getAttribute('d') ?? '').matchAll(/[ML](-?[\d.e-]+),(-?[\d.e-]+)/g)].map(([, x, y]) => ({ x: Number(x), y: Number(y) }));

  /** What can be pointed at, in an order for the arrows: {x, y in pixels of the picture's plot, told, marks}. */
  function targetsOf(svg) {
    const [x, y] = ['x', 'y'].map((name) => axisOf(svg, name));
    const lines = [...svg.querySelectorAll('.mark-line path[data-told]')];
    if (lines.length > 0 && x && y) return alongLines(svg, lines, x, y);
    if (lines.length > 0)
      return lines.flatMap((line) => {
        const points = pointsOf(line);
        return points.map((point) => ({ of: line, ...point, told: line.dataset.told, line: points }));
      });
    return [...svg.querySelectorAll('[data-told]')].map((mark) => {
      const box = mark.getBBox();
      const place = new DOMPoint(box.x + box.width / 2, box.y + box.height / 2).matrixTransform(
        mark.parentNode.getCTM().inverse().multiply(mark.getCTM()),
      );
      return { of: mark, x: place.x, y: place.y, told: mark.dataset.told };
    });
  }

  /** All lines where one of them has a point. */
  function alongLines(svg, lines, x, y) {
    const places = svg.dataset.at === undefined ? null : JSON.parse(svg.dataset.at);
    const label = svg.querySelector('.role-axis-title text')?.textContent ?? '';
    const at = new Map();
    for (const line of lines)
      for (const point of pointsOf(line)) {
        const key = Math.round(point.x * 10);
        at.set(key, [...(at.get(key) ?? []), { ...point, line }]);
      }
    return [...at.values()]
      .toSorted(([a], [b]) => a.x - b.x)
      .map((points) => {
        const [first] = points;
        const where = places ? (places[Math.round(x(first.x))] ?? '') : `${label} ${text(Number(x(first.x).toPrecision(6)))}`;
        const values = points.toSorted((a, b) => a.y - b.y).map(({ line, y: height }) => `${line.dataset.told}: ${text(y(height))}`);
        const more = values.length > MOST ? [`and ${values.length - MOST} more`] : [];
        return { of: first.line, x: first.x, y: first.y, points, told: [where, ...values.slice(0, MOST), ...more].join('\n') };
      });
  }

  function live(svg) {
    let targets;
    let current = -1;
    const pointer = document.createElementNS('http://www.w3.org/2000/svg', 'g');
    pointer.setAttribute('class', 'pointer');
    const words = document.createElement('div');
    words.className = 'pointed';
    words.setAttribute('role', 'status');
    words.hidden = true;
    svg.parentNode.append(words);

    const plotOf = ({ of }) => of.parentNode;

    function point(index) {
      current = index;
      const target = targets[index];
      const plot = plotOf(target);
      plot.append(pointer);
      const box = plot.closest('.root, svg').querySelector('.background')?.getBBox();
      const shapes = target.points
        ? [
            `M${target.x},${box?.y ?? 0}v${box?.height ?? 0}`,
            ...target.points.map(({ x, y }) => `M${x - 4},${y}a4,4 0 1 0 8,0a4,4 0 1 0 -8,0`),
          ]
        : target.line
          ? [`M${target.line.map(({ x, y }) => `${x},${y}`).join('L')}`]
          : [`M${target.x - 7},${target.y}a7,7 0 1 0 14,0a7,7 0 1 0 -14,0`];
      const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
      path.setAttribute('d', shapes.join(''));
      pointer.replaceChildren(path);
      words.hidden = false;
      addEventListener('scroll', leave, true);
      if (words.textContent !== target.told) words.textContent = target.told;
      const place = new DOMPoint(target.x, target.y).matrixTransform(plot.getScreenCTM());
      const { width, height } = words.getBoundingClientRect();
      const wide = document.documentElement.clientWidth;
      words.style.left = `${Math.max(4, place.x + 14 + width < wide ? place.x + 14 : place.x - 14 - width)}px`;
      words.style.top = `${Math.max(4, place.y - height - 10)}px`;
    }

    function leave() {
      current = -1;
      removeEventListener('scroll', leave, true);
      pointer.remove();
      words.hidden = true;
    }

    const begin = () => {
      targets ??= targetsOf(svg);
      return targets.length > 0;
    };

    svg.addEventListener('pointermove', ({ clientX, clientY }) => {
      if (!begin()) return;
      const inverse = new Map();
      let nearest = -1;
      let least = Infinity;
      targets.forEach((target, index) => {
        const plot = plotOf(target);
        if (!inverse.has(plot)) inverse.set(plot, new DOMPoint(clientX, clientY).matrixTransform(plot.getScreenCTM().inverse()));
        const { x, y } = inverse.get(plot);
        const distance = target.points ? Math.abs(target.x - x) : Math.hypot(target.x - x, target.y - y);
        if (distance < least) [least, nearest] = [distance, index];
      });
      point(nearest);
    });
    svg.addEventListener('pointerleave', leave);
    svg.addEventListener('blur', leave);
    svg.addEventListener('keydown', (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (event.key === 'Escape') leave();
      if (step === undefined || !begin()) return;
      event.preventDefault();
      const from = current < 0 ? (step > 0 ? -1 : targets.length) : current;
      point(Math.max(0, Math.min(targets.length - 1, from + step)));
    });
  }

  for (const svg of page.querySelectorAll('figure.drawn > svg')) live(svg);

  // Tables. A number is sorted by its size, a duration by its length, and what is empty comes last.

  const SECONDS = { d: 86400, h: 3600, min: 60, s: 1, ms: 0.001 };
  function valueOf(cell) {
    const plain = cell.textContent.trim().replaceAll(/(\d),(?=\d{3})/g, '$1');
    const parts = [...plain.matchAll(/(\d[\d.]*) (d|h|min|s|ms)(?= |$)/g)];
    if (parts.length > 0) return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * SECONDS[unit], 0);
    const number = /^-?\d[\d.]*(e-?\d+)?(?= |$)/.exec(plain);
    return number ? Number(number[0]) : plain;
  }

  function compare(a, b) {
    if (a === '' || b === '') return Number(a === '') - Number(b === '');
    if (typeof a !== typeof b) return typeof a === 'number' ? -1 : 1;
    return typeof a === 'number' ? a - b : a.localeCompare(b, 'en');
  }

  for (const table of page.querySelectorAll('table.numbers')) {
    const [body] = table.tBodies;
    const heads = [...table.querySelectorAll('thead th')];
    if (!body || body.rows.length < 3) continue;
    for (const head of heads) {
      const button = document.createElement('button');
      button.type = 'button';
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener('click', () => {
        // A row whose first cell is empty goes on with the row above it: apart from that one it says what it is about.
        let above = '';
        for (const { cells } of body.rows) {
          if (cells[0].textContent.trim() === '') cells[0].textContent = above;
          above = cells[0].textContent;
        }
        const isRising = head.getAttribute('aria-sort') !== 'ascending';
        for (const each of heads) each.removeAttribute('aria-sort');
        head.setAttribute('aria-sort', isRising ? 'ascending' : 'descending');
        const rows = [...body.rows].map((row) => ({ row, value: valueOf(row.cells[head.cellIndex]) }));
        const sign = isRising ? 1 : -1;
        rows.sort((a, b) => (a.value === '' || b.value === '' ? compare(a.value, b.value) : sign * compare(a.value, b.value)));
        body.append(...rows.map(({ row }) => row));
      });
    }
  }
};
