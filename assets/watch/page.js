/* The page of `retable watch`: rows and curves come as JSON, and every text of a record becomes a text node, never HTML. */
(() => {
  'use strict';

  const saved = document.getElementById('saved').textContent.trim();
  const SAVED = saved === '' ? null : JSON.parse(saved);
  const COLOURS = 7;
  const LISTED = 200;

  // What is known

  let view = null; // the snapshot, kept up to date
  let rows = new Map();
  let curves = new Map(); // by key of a row: {x: [], y: []}
  const chosen = { metric: null, colour: undefined, log: false, smooth: 0, sort: null, filter: '', checked: new Set(), all: false };
  let pins = new Set();
  let pointed = null; // {key, index}
  let source = null;
  let heard = Date.now();
  let dirty = false;
  let report = { at: '', html: '' };

  // Small helpers

  function el(name, attributes = {}, ...children) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
      else if (value === true) element.setAttribute(key, '');
      else if (value !== false && value !== null && value !== undefined) element.setAttribute(key, value);
    }
    element.append(...children.flat().filter((child) => child !== null && child !== undefined));
    return element;
  }
  const number = (value) => (typeof value === 'string' ? Number(value) : value === null ? NaN : value);
  const text = (value, digits = 4) => {
    if (value === null || value === undefined) return '';
    const n = number(value);
    if (!Number.isFinite(n)) return String(n);
    if (n === 0) return '0';
    const size = Math.abs(n);
    if (size < 1e-4 || size >= 1e9) return n.toExponential(digits - 1).replace('e+', 'e');
    const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(Number(size.toPrecision(digits)))));
    const [whole, part] = n.toFixed(decimals).split('.');
    return whole.replace(/\B(?=(\d{3})+$)/g, ',') + (part === undefined ? '' : `.${part}`);
  };
  const duration = (seconds) => {
    if (seconds === null || !Number.isFinite(seconds)) return '';
    if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
    const whole = Math.round(seconds);
    const units = [
      ['d', 86400],
      ['h', 3600],
      ['min', 60],
      ['s', 1],
    ];
    const at = units.findIndex(([, size]) => whole >= size);
    const rest = at + 1 < units.length ? Math.floor((whole % units[at][1]) / units[at + 1][1]) : 0;
    return `${Math.floor(whole / units[at][1])} ${units[at][0]}${rest > 0 ? ` ${rest} ${units[at + 1][0]}` : ''}`;
  };
  const time = (ms) => (ms === 0 ? '' : new Date(ms).toLocaleString(undefined, { dateStyle: 'short', timeStyle: 'short' }));
  const label = (row) => [row.name, row.seed === '' ? '' : `seed ${row.seed}`].filter(Boolean).join(', ');
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;
  const spread = (values) => {
    const m = mean(values);
    return Math.sqrt(values.reduce((a, b) => a + (b - m) ** 2, 0) / (values.length - 1));
  };
  const isStudy = () => view.kind === 'sweep' || view.kind === 'table';
  const paths = () => Object.keys(view.names);
  const compare = (a, b) => {
    const [x, y] = [Number(a), Number(b)];
    if (a !== '' && b !== '' && !Number.isNaN(x) && !Number.isNaN(y)) return x - y;
    return a < b ? -1 : a > b ? 1 : 0;
  };
  const distinct = (values) => [...new Set(values)].toSorted(compare);

  // The connection

  const subject = () => decodeURI(location.hash.replace(/^#\/?/, ''));
  const link = (to, ...children) => (SAVED ? el('span', {}, ...children) : el('a', { href: `#/${encodeURI(to)}` }, ...children));

  function connect() {
    source?.close();
    const query = new URLSearchParams({ of: subject() });
    if (chosen.metric !== null) query.set('metric', chosen.metric);
    source = new EventSource(`events?${query}`);
    source.addEventListener('snapshot', (event) => hear(() => begin(JSON.parse(event.data))));
    source.addEventListener('change', (event) => hear(() => change(JSON.parse(event.data))));
    source.addEventListener('beat', () => hear(() => {}));
    source.addEventListener('open', () => state('live', 'live'));
    source.addEventListener('error', () => {
      if (source.readyState === EventSource.CLOSED)
        state('lost', 'no connection: is "retable watch" still running, and is this its last address?');
      else state('lost', 'no connection; trying again');
    });
  }
  function hear(act) {
    heard = Date.now();
    act();
    state('live', 'live');
    redraw();
  }
  // A computer that slept keeps connections that are none any more.
  function lookAfter() {
    if (source && source.readyState !== EventSource.CONNECTING && Date.now() - heard > 40000) {
      heard = Date.now();
      connect();
    }
  }

  let told = ['', ''];
  function state(kind, words) {
    told = [kind, words];
    const shown = document.querySelector('.connection');
    if (!shown || (shown.textContent === words && shown.classList.contains(kind))) return;
    shown.className = `connection ${kind}`;
    shown.textContent = words;
  }

  function pairs(flat) {
    const curve = { x: [], y: [] };
    for (let i = 0; i < flat.length; i += 2) put(curve, flat[i], number(flat[i + 1]));
    return curve;
  }
  function put(curve, x, y) {
    while (curve.x.length > 0 && curve.x[curve.x.length - 1] >= x) {
      curve.x.pop();
      curve.y.pop();
    }
    curve.x.push(x);
    curve.y.push(y);
  }

  function begin(snapshot) {
    view = snapshot;
    rows = new Map(snapshot.rows.map((row) => [row.key, row]));
    curves = new Map(Object.entries(snapshot.points).map(([key, flat]) => [key, pairs(flat)]));
    pins = new Set([...pins].filter((key) => rows.has(key)));
    if (chosen.colour === undefined || (chosen.colour !== null && !paths().includes(chosen.colour))) chosen.colour = paths()[0] ?? null;
    document.title = `${snapshot.title} - retable`;
    layOut();
  }

  function change({ rows: changed, gone, more, points, studies, left }) {
    for (const row of changed) rows.set(row.key, row);
    for (const key of gone) {
      rows.delete(key);
      curves.delete(key);
    }
    for (const [key, flat] of Object.entries(points)) curves.set(key, pairs(flat));
    for (const [key, flat] of Object.entries(more)) {
      const curve = curves.get(key) ?? { x: [], y: [] };
      for (let i = 0; i < flat.length; i += 2) put(curve, flat[i], number(flat[i + 1]));
      curves.set(key, curve);
    }
    view.studies = studies;
    view.left = left;
  }

  // The page, laid out once for each snapshot; its parts are filled anew when something changed

  const parts = {};
  function section(name, title, ...content) {
    parts[name] = el('div');
    const made = el('section', { id: name, 'aria-label': title }, el('h2', {}, title), ...content, parts[name]);
    parts[`${name}.section`] = made;
    return made;
  }

  function layOut() {
    const top = document.getElementById('top');
    top.replaceChildren(
      el(
        'div',
        { class: 'line' },
        el('nav', { 'aria-label': 'Where this is' }, view.kind === 'all' ? 'retable watch' : link('', 'All runs')),
        SAVED
          ? el('span', { class: 'faint' }, `as it was on ${new Date(SAVED.at).toLocaleString()}`)
          : el('span', { class: `connection ${told[0]}`, role: 'status' }, told[1]),
      ),
      el('h1', {}, view.title),
      view.note === '' ? '' : el('p', {}, view.note),
      (parts.counts = el('p', { class: 'chips' })),
    );
    const main = document.getElementById('main');
    parts.canvas = el('canvas', { tabindex: '0', role: 'img', 'aria-describedby': 'readout' });
    parts.readout = el('p', { class: 'readout', id: 'readout', 'aria-live': 'polite' });
    parts.legend = el('p', { class: 'legend' });
    parts.pinned = el('p', { class: 'pinned' });
    main.replaceChildren(
      section('now', 'At work now'),
      section('studies', 'Sweeps and tables'),
      el(
        'div',
        { class: view.kind === 'all' || view.kind === 'experiment' ? null : 'two' },
        section('curves', 'Curves', controls(), el('div', { class: 'chart' }, parts.canvas), parts.readout, parts.legend, parts.pinned),
        section('results', view.kind === 'all' ? 'Runs' : 'Results', (parts.filter = filter())),
      ),
      section('map', 'Map'),
      section('axes', 'Along each axis'),
      section('verdicts', 'Verdicts'),
      section('failures', 'What failed'),
      section('report', 'The run'),
    );
    listen(parts.canvas);
    fill();
  }

  function controls() {
    const metric = el(
      'select',
      {
        id: 'metric',
        onchange: ({ target }) => {
          chosen.metric = target.value;
          connect();
        },
      },
      view.metrics.map((key) => el('option', { value: key, selected: key === view.metric }, key)),
    );
    const colour = el(
      'select',
      { id: 'colour', onchange: ({ target }) => ((chosen.colour = target.value === '' ? null : target.value), redraw()) },
      [['', view.kind === 'all' ? 'experiment' : 'each alone'], ...paths().map((path) => [path, view.names[path]])].map(([value, words]) =>
        el('option', { value, selected: value === (chosen.colour ?? '') }, words),
      ),
    );
    const smooth = el('input', {
      type: 'range',
      min: '0',
      max: '0.95',
      step: '0.05',
      value: String(chosen.smooth),
      oninput: ({ target }) => ((chosen.smooth = Number(target.value)), redraw()),
    });
    const log = el('input', { type: 'checkbox', checked: chosen.log, onchange: ({ target }) => ((chosen.log = target.checked), redraw()) });
    return el(
      'div',
      { class: 'controls' },
      SAVED ? el('span', {}, view.metric) : el('label', {}, 'metric', metric),
      paths().length > 0 ? el('label', {}, 'colour by', colour) : null,
      el('label', {}, log, 'log scale'),
      el('label', {}, 'smoothing', smooth),
    );
  }

  const filter = () =>
    el(
      'p',
      { class: 'controls' },
      el('input', {
        type: 'search',
        'aria-label': 'only those with these words',
        placeholder: 'only with these words',
        value: chosen.filter,
        oninput: ({ target }) => ((chosen.filter = target.value), redraw()),
      }),
    );

  function redraw() {
    if (dirty) return;
    dirty = true;
    // A page that nobody sees draws nothing: it does when it is looked at again.
    requestAnimationFrame(() => {
      dirty = false;
      if (view) fill();
    });
  }

  function show(name, isShown) {
    parts[`${name}.section`].hidden = !isShown;
  }

  function fill() {
    const all = [...rows.values()];
    fillCounts(all);
    fillNow(all.filter(({ state: s }) => s === 'at work'));
    fillStudies();
    draw();
    fillResults(all);
    fillMap();
    fillAxes();
    fillFailures(all.filter(({ state: s }) => s === 'failed' || s === 'diverged'));
    fillReport(all);
  }

  function fillCounts(all) {
    const order = ['done', 'at work', 'left', 'interrupted', 'pruned', 'diverged', 'failed'];
    const counts = order.flatMap((s) => {
      const count = all.filter((row) => row.state === s).length;
      return count > 0 ? [el('span', { class: `status ${s.replace(' ', '-')}` }, `${count.toLocaleString('en')} ${s}`)] : [];
    });
    const left = view.left === null ? '' : el('span', { class: 'faint' }, `about ${duration(view.left)} left`);
    const nothing =
      all.length === 0
        ? [
            el(
              'span',
              { class: 'faint' },
              view.kind === 'runs' || isStudy()
                ? 'Nothing of it is on record yet; this page waits.'
                : 'Nothing is on record yet; this page waits.',
            ),
          ]
        : [];
    replace(parts.counts, [...counts, left, ...nothing]);
  }

  // What did not change stays, so that a reader's selection and focus do.
  function replace(parent, children) {
    const fresh = el('div', {}, ...children);
    if (parent.innerHTML.replaceAll(' open=""', '') === fresh.innerHTML) return;
    const focused = parent.contains(document.activeElement) ? document.activeElement.getAttribute('data-focus') : null;
    const scrolled = parent.querySelector('.results')?.scrollTop ?? 0;
    const opened = new Set([...parent.querySelectorAll('details[open]')].map((each) => each.getAttribute('data-key')));
    parent.replaceChildren(...fresh.childNodes);
    for (const each of parent.querySelectorAll('details')) if (opened.has(each.getAttribute('data-key'))) each.open = true;
    const results = parent.querySelector('.results');
    if (results) results.scrollTop = scrolled;
    if (focused !== null) [...parent.querySelectorAll('[data-focus]')].find((each) => each.getAttribute('data-focus') === focused)?.focus();
  }

  const runLink = (row, words) => (row.run === null ? words : link(`runs/${row.run}`, words));

  function fillNow(working) {
    show('now', working.length > 0);
    replace(parts.now, [
      el(
        'div',
        { class: 'work' },
        working
          .toSorted((a, b) => (a.worker < b.worker ? -1 : 1))
          .flatMap((row) => [
            el('span', { class: 'wider' }, runLink(row, label(row))),
            el('progress', { max: String(row.epochs || 1), value: String(row.epoch), 'aria-label': `epochs of ${label(row)}` }),
            el('span', {}, `${row.epoch}/${row.epochs || '?'}`),
            el('span', {}, row.value === null ? '' : [el('span', { class: 'faint rest' }, `${view.metric} `), text(row.value)]),
            el('span', { class: 'rest' }, row.seconds === null ? '' : `${duration(row.seconds)} left`),
            el('span', { class: 'faint rest' }, row.worker),
          ]),
      ),
    ]);
  }

  function fillStudies() {
    show('studies', view.studies.length > 0);
    replace(parts.studies, [
      el(
        'ul',
        {},
        view.studies.map(({ id, kind, name, isAlive, started }) =>
          el(
            'li',
            {},
            link(`study/${id}`, name),
            ` ${kind} `,
            el('span', { class: 'faint' }, time(started)),
            isAlive ? el('span', {}, ' ', el('span', { class: 'status at-work' }, 'at work')) : '',
          ),
        ),
      ),
    ]);
  }

  // Results: of a study a line for each configuration, else one for each run

  function configurations() {
    const found = new Map();
    for (const row of rows.values()) {
      const known = found.get(row.name) ?? { name: row.name, set: row.set, rows: [] };
      known.rows.push(row);
      found.set(row.name, known);
    }
    return [...found.values()].map((each) => {
      const values = each.rows.flatMap(({ state: s, value }) =>
        s === 'done' && Number.isFinite(number(value)) && value !== null ? [number(value)] : [],
      );
      return {
        ...each,
        values,
        mean: values.length > 0 ? mean(values) : NaN,
        sd: values.length > 1 ? spread(values) : NaN,
        isWhole: values.length === each.rows.length,
      };
    });
  }
  const isBetter = (a, b) => (view.better === 'higher' ? a > b : a < b);
  function bestOf(all) {
    const whole = all.filter(({ isWhole }) => isWhole);
    return whole.reduce((best, each) => (!best || isBetter(each.mean, best.mean) ? each : best), null);
  }

  function fillResults(all) {
    const grouped = isStudy();
    const varied = view.kind === 'table' ? [] : paths();
    const lines = grouped
      ? configurations().map((each) => ({
          key: each.name,
          names: varied.length > 0 ? varied.map((path) => each.set[path] ?? '') : [each.name],
          value: each.mean,
          sd: each.sd,
          seeds: `${each.values.length} of ${each.rows.length}`,
          rows: each.rows,
          each,
        }))
      : all.map((row) => ({
          key: row.key,
          names: varied.map((path) => row.set[path] ?? ''),
          value: number(row.value),
          row,
          rows: [row],
        }));
    const best = view.kind === 'sweep' ? bestOf(lines.map(({ each }) => each)) : null;
    const columns = [
      ...(grouped && varied.length === 0
        ? [{ id: 'name', title: view.kind === 'table' ? 'row' : 'configuration', of: (l) => l.names[0], left: true }]
        : []),
      ...(grouped
        ? []
        : [
            { id: 'run', title: 'run', of: (l) => l.row.run, cell: (l) => runLink(l.row, l.row.run.slice(0, 8)), left: true },
            ...(view.kind === 'experiment'
              ? []
              : [
                  {
                    id: 'name',
                    title: 'experiment',
                    of: (l) => l.row.name,
                    cell: (l) => link(`experiment/${l.row.name}`, l.row.name),
                    left: true,
                  },
                ]),
          ]),
      ...varied.map((path, i) => ({
        id: `set ${path}`,
        title: view.names[path],
        of: (l) => l.names[i],
        left: !lines.every((l) => l.names[i] === '' || !Number.isNaN(Number(l.names[i]))),
      })),
      ...(grouped ? [] : [{ id: 'seed', title: 'seed', of: (l) => l.row.seed }]),
      {
        id: 'value',
        title: view.metric,
        of: (l) => l.value,
        cell: (l) => (Number.isNaN(l.value) && grouped ? '' : text(l.row ? l.row.value : l.value)),
      },
      ...(grouped
        ? [
            { id: 'sd', title: 'sd', of: (l) => l.sd, cell: (l) => (Number.isNaN(l.sd) ? '' : text(l.sd, 2)) },
            { id: 'seeds', title: 'seeds', of: (l) => l.seeds },
          ]
        : []),
      ...(grouped
        ? []
        : [
            {
              id: 'epoch',
              title: 'epoch',
              of: (l) => l.row.epoch,
              cell: (l) => (l.row.epochs > 0 ? `${l.row.epoch}/${l.row.epochs}` : String(l.row.epoch)),
            },
            {
              id: 'state',
              title: 'state',
              of: (l) => l.row.state,
              cell: (l) => el('span', { class: `status ${l.row.state.replace(' ', '-')}` }, l.row.state),
              left: true,
            },
            { id: 'started', title: 'started', of: (l) => l.row.started, cell: (l) => time(l.row.started), left: true },
          ]),
    ];
    const usual = grouped ? { id: 'value', down: view.better === 'higher' } : { id: 'started', down: true };
    const sort = chosen.sort && columns.some(({ id }) => id === chosen.sort.id) ? chosen.sort : usual;
    const by = columns.find(({ id }) => id === sort.id) ?? columns[0];
    const asked = chosen.filter.toLowerCase();
    const found =
      asked === ''
        ? lines
        : lines.filter((l) =>
            [l.key, ...l.names, ...(l.row ? [l.row.name, l.row.state, `seed ${l.row.seed}`] : [])].join(' ').toLowerCase().includes(asked),
          );
    const order = (a, b) => {
      const [x, y] = [by.of(a), by.of(b)];
      // What has no number comes last, whichever way.
      if (typeof x === 'number' && typeof y === 'number' && (Number.isNaN(x) || Number.isNaN(y)))
        return Number(Number.isNaN(x)) - Number(Number.isNaN(y));
      return (sort.down ? -1 : 1) * (typeof x === 'number' ? x - y : compare(String(x), String(y)));
    };
    const sorted = found.toSorted(order);
    const shown = chosen.all ? sorted : sorted.slice(0, LISTED);
    show('results', lines.length > 0 && !(view.kind === 'runs' && lines.length === 1));
    const head = columns.map(({ id, title, left }) =>
      el(
        'th',
        { scope: 'col', class: left ? 'left' : 'right', 'aria-sort': id === sort.id ? (sort.down ? 'descending' : 'ascending') : null },
        el(
          'button',
          {
            type: 'button',
            'data-focus': id,
            onclick: () => ((chosen.sort = { id, down: id === sort.id ? !sort.down : false }), redraw()),
          },
          title,
        ),
      ),
    );
    const isPinned = (l) => l.rows.some(({ key }) => pins.has(key));
    const body = shown.map((l) =>
      el(
        'tr',
        { class: best && l.each === best ? 'best' : null },
        columns.map(({ of, cell, left, id }) =>
          el('td', { class: id === 'name' ? 'left name' : left ? 'left' : 'right' }, cell ? cell(l) : String(of(l))),
        ),
        el(
          'td',
          {},
          el(
            'button',
            {
              type: 'button',
              'data-focus': `pin ${l.key}`,
              'aria-pressed': String(isPinned(l)),
              'aria-label': `${isPinned(l) ? 'let go' : 'pin'} the curve of ${l.row ? label(l.row) : l.key}`,
              onclick: () => pin(l.rows.map(({ key }) => key)),
            },
            isPinned(l) ? 'pinned' : 'pin',
          ),
        ),
      ),
    );
    parts.filter.hidden = lines.length <= 8;
    replace(parts.results, [
      el(
        'div',
        { class: 'wide results', tabindex: '0', role: 'region', 'aria-label': 'Table of results' },
        el('table', { class: 'numbers' }, el('thead', {}, el('tr', {}, head, el('th', { scope: 'col' }, 'curve'))), el('tbody', {}, body)),
      ),
      sorted.length > shown.length
        ? el(
            'p',
            {},
            el(
              'button',
              { type: 'button', 'data-focus': 'all', onclick: () => ((chosen.all = true), redraw()) },
              `all ${sorted.length.toLocaleString('en')}`,
            ),
          )
        : '',
      view.hidden > 0
        ? el('p', { class: 'faint' }, `${view.hidden.toLocaleString('en')} older runs are on record: npx retable list shows them.`)
        : '',
    ]);
  }

  function pin(keys) {
    const isIn = keys.some((key) => pins.has(key));
    for (const key of keys)
      if (isIn) pins.delete(key);
      else pins.add(key);
    redraw();
  }

  // Colours

  function colourScale() {
    const of = (row) => (chosen.colour === null ? (view.kind === 'all' ? row.name : row.key) : (row.set[chosen.colour] ?? ''));
    const values = distinct([...rows.values()].filter(({ key }) => curves.get(key)?.x.length > 0).map(of));
    if (values.length <= COLOURS) {
      const at = new Map(values.map((value, index) => [value, css(`--t${index}`)]));
      return { of: (row) => at.get(of(row)) ?? css('--t6'), values, named: chosen.colour !== null || view.kind === 'all', at };
    }
    const numbers = values.map(Number);
    if (chosen.colour === null || numbers.some(Number.isNaN)) {
      const at = new Map(values.map((value, index) => [value, css(`--t${index % COLOURS}`)]));
      return { of: (row) => at.get(of(row)) ?? css('--t6'), values: [], named: false, at };
    }
    const isLog = numbers[0] > 0 && numbers[numbers.length - 1] / numbers[0] >= 10;
    const place = (value) => {
      const f = isLog ? Math.log : (v) => v;
      return (f(Number(value)) - f(numbers[0])) / (f(numbers[numbers.length - 1]) - f(numbers[0]) || 1);
    };
    return {
      of: (row) => between(css('--low'), css('--high'), place(of(row))),
      values: [values[0], values[values.length - 1]],
      named: true,
      at: new Map([
        [values[0], css('--low')],
        [values[values.length - 1], css('--high')],
      ]),
    };
  }
  const channels = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
  function between(low, high, share) {
    const [a, b] = [channels(low), channels(high)];
    return `rgb(${a.map((value, i) => Math.round(value + (b[i] - value) * share)).join(' ')})`;
  }

  // As WCAG has it: above 0.18 black text stands out more than white.
  function brightness(rgb) {
    const [r, g, b] = rgb.match(/\d+/g).map((part) => {
      const c = Number(part) / 255;
      return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }

  // Charts, on a canvas: a thousand curves of hundreds of epochs are drawn in a few hundredths of a second

  function prepare(canvas) {
    const { width, height } = canvas.getBoundingClientRect();
    const ratio = window.devicePixelRatio || 1;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    const g = canvas.getContext('2d');
    g.scale(ratio, ratio);
    g.clearRect(0, 0, width, height);
    g.font = `12px ${getComputedStyle(document.body).fontFamily}`;
    return { g, width, height };
  }
  function niceTicks(low, high, count) {
    if (!(high > low)) return [low];
    const raw = (high - low) / count;
    const power = 10 ** Math.floor(Math.log10(raw));
    const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= raw * 0.999);
    const ticks = [];
    for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) ticks.push(Number((i * step).toPrecision(12)));
    return ticks;
  }
  function logTicks(low, high) {
    const decades = Math.log10(high / low);
    const steps = decades > 6 ? [1] : decades > 1.5 ? [1, 3] : [1, 2, 3, 5, 7];
    const ticks = [];
    for (let p = Math.floor(Math.log10(low)) - 1; p <= Math.ceil(Math.log10(high)); p++)
      for (const s of steps) {
        const value = Number(`${s}e${p}`);
        if (value >= low * 0.999 && value <= high * 1.001) ticks.push(value);
      }
    return ticks.length > 1 ? ticks : [low, high];
  }
  function scaleOf(low, high, from, to, isLog) {
    const f = isLog ? Math.log : (v) => v;
    const span = f(high) - f(low) || 1;
    return (value) => from + ((f(value) - f(low)) / span) * (to - from);
  }
  const tickText = (value) =>
    Math.abs(value) >= 1e5 || (value !== 0 && Math.abs(value) < 1e-3) ? value.toExponential().replace('e+', 'e') : String(value);

  function frame({ g, width, height }, { xs, ys, xLog, yLog, xTitle, yTitle, xTicks }) {
    const yTicks = yLog ? logTicks(...ys) : niceTicks(...ys, 6);
    const left = 14 + Math.max(...yTicks.map((tick) => g.measureText(tickText(tick)).width));
    const box = { left, right: width - 14, top: 22, bottom: height - 36 };
    const x = scaleOf(...xs, box.left, box.right, xLog);
    const y = scaleOf(...ys, box.bottom, box.top, yLog);
    g.fillStyle = css('--faint');
    g.strokeStyle = css('--line');
    g.lineWidth = 1;
    g.textAlign = 'right';
    g.textBaseline = 'middle';
    for (const tick of yTicks) {
      g.beginPath();
      g.moveTo(box.left, Math.round(y(tick)) + 0.5);
      g.lineTo(box.right, Math.round(y(tick)) + 0.5);
      g.stroke();
      g.fillText(tickText(tick), box.left - 6, y(tick));
    }
    g.textAlign = 'center';
    g.textBaseline = 'top';
    const ticks = xTicks ?? (xLog ? logTicks(...xs) : niceTicks(...xs, Math.max(2, Math.floor(width / 90))));
    let last = -Infinity;
    for (const tick of ticks) {
      const words = tickText(tick);
      const half = g.measureText(words).width / 2;
      if (x(tick) - half < last + 6) continue;
      g.fillText(words, Math.min(x(tick), width - half), box.bottom + 6);
      last = x(tick) + half;
    }
    g.textAlign = 'right';
    g.fillText(xTitle, box.right, height - 14);
    g.textAlign = 'left';
    g.fillText(yTitle, 4, 2);
    return { box, x, y };
  }

  let drawn = []; // what can be pointed at: {key, points: [[px, py, epoch, value]]}

  function smoothed({ y }) {
    if (chosen.smooth === 0) return y;
    let average = 0;
    let weight = 0;
    return y.map((value) => {
      if (!Number.isFinite(value)) return value;
      average = chosen.smooth * average + (1 - chosen.smooth) * value;
      weight = chosen.smooth * weight + (1 - chosen.smooth);
      return average / weight;
    });
  }

  function draw() {
    const all = [...rows.values()].filter(({ key }) => curves.get(key)?.x.length > 0);
    show('curves', all.length > 0);
    if (all.length === 0) return;
    // Of all runs those that tell most now: what was pinned, what is at work, the newest.
    const some =
      view.kind === 'all'
        ? all.toSorted((a, b) => b.started - a.started).filter((row, i) => i < 12 || row.state === 'at work' || pins.has(row.key))
        : all;
    const lines = some.map((row) => ({ row, x: curves.get(row.key).x, y: smoothed(curves.get(row.key)) }));
    const canvas = prepare(parts.canvas);
    let [x0, x1, y0, y1] = [Infinity, -Infinity, Infinity, -Infinity];
    for (const { x, y } of lines) {
      x0 = Math.min(x0, x[0]);
      x1 = Math.max(x1, x[x.length - 1]);
      for (const value of y) {
        if (!Number.isFinite(value) || (chosen.log && value <= 0)) continue;
        y0 = Math.min(y0, value);
        y1 = Math.max(y1, value);
      }
    }
    drawn = [];
    if (!(y1 >= y0)) return;
    if (y0 === y1) [y0, y1] = chosen.log ? [y0 / 2, y1 * 2] : [y0 - 0.5, y1 + 0.5];
    if (x0 === x1) [x0, x1] = [x0 - 1, x1 + 1];
    const { g } = canvas;
    const {
      x: sx,
      y: sy,
      box,
    } = frame(canvas, {
      xs: [x0, x1],
      ys: [y0, y1],
      yLog: chosen.log,
      xTitle: 'epoch',
      yTitle: view.unit === '' ? view.metric : `${view.metric} (${view.unit})`,
    });
    const scale = colourScale();
    const strong = new Set([...pins, ...(pointed ? [pointed.key] : [])]);
    const many = lines.length > 12;
    const one = (x, y, width, alpha, colour) => {
      g.globalAlpha = alpha;
      g.strokeStyle = colour;
      g.fillStyle = colour;
      g.lineWidth = width;
      g.beginPath();
      let isDown = false;
      for (let i = 0; i < x.length; i++) {
        const isThere = Number.isFinite(y[i]) && !(chosen.log && y[i] <= 0);
        if (isThere) {
          if (isDown) g.lineTo(sx(x[i]), sy(y[i]));
          else g.moveTo(sx(x[i]), sy(y[i]));
        }
        isDown = isThere;
      }
      g.stroke();
      if (x.length === 1 && isDown) g.fillRect(sx(x[0]) - 2, sy(y[0]) - 2, 4, 4);
      g.globalAlpha = 1;
    };
    for (const { row, x, y } of lines) {
      drawn.push({
        key: row.key,
        x,
        y,
        px: x.map(sx),
        py: y.map((value) => (Number.isFinite(value) && !(chosen.log && value <= 0) ? sy(value) : NaN)),
      });
      if (!strong.has(row.key)) one(x, y, many ? 1 : 1.5, strong.size > 0 ? 0.25 : many ? 0.45 : 0.9, scale.of(row));
    }
    if (isStudy() && strong.size === 0) means(lines, (row, x, y) => one(x, y, 2.5, 1, scale.of(row)));
    for (const { row, x, y } of lines) if (strong.has(row.key)) one(x, y, 2.5, 1, scale.of(row));
    if (pointed) mark(g, box, scale);
    const words = `${view.metric} over epochs, ${lines.length} ${lines.length === 1 ? 'curve' : 'curves'}, from ${text(y0)} to ${text(y1)}. Arrow keys move from curve to curve and from epoch to epoch, Enter pins one.`;
    parts.canvas.setAttribute('aria-label', words);
    replace(
      parts.legend,
      scale.named && scale.values.length > 0
        ? [
            el('span', { class: 'faint' }, chosen.colour === null ? '' : view.names[chosen.colour]),
            ...scale.values.map((value) => el('span', {}, swatch(scale.at.get(value)), value)),
          ]
        : [],
    );
    replace(
      parts.pinned,
      [...pins].flatMap((key) => {
        const row = rows.get(key);
        const curve = curves.get(key);
        return row && curve
          ? [
              el(
                'button',
                { type: 'button', 'data-focus': key, onclick: () => pin([key]), 'aria-label': `let go ${label(row)}` },
                swatch(scale.of(row)),
                `${label(row)} ${text(curve.y[curve.y.length - 1])} \u00d7`,
              ),
            ]
          : [];
      }),
    );
  }

  function swatch(colour) {
    const made = el('span', { class: 'swatch' });
    made.style.setProperty('--c', colour);
    return made;
  }

  // The mean of a configuration over its seeds, as far as all of those that have begun have come.
  function means(lines, one) {
    const groups = new Map();
    for (const line of lines) groups.set(line.row.name, [...(groups.get(line.row.name) ?? []), line]);
    if (groups.size > 30) return;
    for (const group of groups.values()) {
      if (group.length < 2) continue;
      const at = new Map();
      for (const { x, y } of group) x.forEach((step, i) => at.set(step, [...(at.get(step) ?? []), y[i]]));
      const whole = [...at].filter(([, values]) => values.length === group.length).toSorted(([a], [b]) => a - b);
      one(
        group[0].row,
        whole.map(([step]) => step),
        whole.map(([, values]) => mean(values)),
      );
    }
  }

  function mark(g, box, scale) {
    const curve = drawn.find(({ key }) => key === pointed.key);
    const row = rows.get(pointed.key);
    if (!curve || !row) return;
    const i = Math.min(pointed.index, curve.x.length - 1);
    g.fillStyle = scale.of(row);
    g.beginPath();
    g.arc(curve.px[i], Number.isNaN(curve.py[i]) ? box.bottom : curve.py[i], 4, 0, 2 * Math.PI);
    g.fill();
    const set = paths().map((path) => `${view.names[path]} ${row.set[path] ?? ''}`);
    const words = isStudy() || set.length === 0 ? label(row) : [row.run?.slice(0, 8), ...set, `seed ${row.seed}`].join(', ');
    const said = `${words}: epoch ${curve.x[i]}, ${view.metric} ${text(curve.y[i])}`;
    if (parts.readout.textContent !== said) parts.readout.textContent = said;
  }

  function listen(canvas) {
    const near = ({ offsetX, offsetY }) => {
      let found = null;
      let least = 30 ** 2;
      for (const { key, px, py } of drawn)
        for (let i = 0; i < px.length; i++) {
          const distance = (px[i] - offsetX) ** 2 + (py[i] - offsetY) ** 2;
          if (distance < least) [least, found] = [distance, { key, index: i }];
        }
      return found;
    };
    const point = (found) => {
      if (found?.key === pointed?.key && found?.index === pointed?.index) return;
      pointed = found;
      if (!found) parts.readout.textContent = '';
      redraw();
    };
    canvas.addEventListener('pointermove', (event) => point(near(event)));
    canvas.addEventListener('pointerleave', () => point(null));
    canvas.addEventListener('blur', () => point(null));
    canvas.addEventListener('click', (event) => {
      const found = near(event);
      if (found) pin([found.key]);
    });
    canvas.addEventListener('keydown', (event) => {
      if (drawn.length === 0) return;
      const at = Math.max(
        0,
        drawn.findIndex(({ key }) => key === pointed?.key),
      );
      const index = pointed?.index ?? drawn[at].x.length - 1;
      // Up is the next higher curve at this epoch.
      const order = drawn.toSorted((a, b) => b.y[Math.min(index, b.y.length - 1)] - a.y[Math.min(index, a.y.length - 1)]);
      const place = order.indexOf(drawn[at]);
      const moves = {
        ArrowLeft: () => ({ key: drawn[at].key, index: Math.max(0, index - 1) }),
        ArrowRight: () => ({ key: drawn[at].key, index: Math.min(drawn[at].x.length - 1, index + 1) }),
        ArrowUp: () => ({ key: order[Math.max(0, place - 1)].key, index }),
        ArrowDown: () => ({ key: order[Math.min(order.length - 1, place + 1)].key, index }),
        Enter: () => (pointed && pin([pointed.key]), pointed),
        Escape: () => ((pins = new Set()), null),
      };
      const move = moves[event.key];
      if (!move) return;
      event.preventDefault();
      if (!pointed && event.key.startsWith('Arrow')) point({ key: drawn[at].key, index });
      else point(move());
      redraw();
    });
  }

  // A map of two axes that were crossed, and the metric along each

  function fillMap() {
    const [vertical, horizontal, third] = paths();
    const all = view.kind === 'sweep' && horizontal !== undefined && third === undefined ? configurations() : [];
    const [down, across] = [distinct(all.map(({ set }) => set[vertical] ?? '')), distinct(all.map(({ set }) => set[horizontal] ?? ''))];
    const isCrossed = all.length > 0 && down.length * across.length <= 2 * all.length;
    show('map', isCrossed);
    if (!isCrossed) return;
    const known = all.filter(({ mean: m }) => Number.isFinite(m)).map(({ mean: m }) => m);
    const [low, high] = [Math.min(...known), Math.max(...known)];
    const at = new Map(all.map((each) => [`${each.set[vertical]}\n${each.set[horizontal]}`, each]));
    const dark = matchMedia('(prefers-color-scheme: dark)').matches;
    const cell = (v, h) => {
      const each = at.get(`${v}\n${h}`);
      if (!each || !Number.isFinite(each.mean))
        return el('td', { class: 'faint' }, each ? `${each.values.length} of ${each.rows.length}` : '');
      const share = high === low ? 1 : (each.mean - low) / (high - low);
      const goodness = view.better === 'higher' ? share : 1 - share;
      const made = el(
        'td',
        { title: `${each.name}: ${each.values.length} of ${each.rows.length} seeds` },
        text(each.mean, 3),
        each.isWhole ? '' : '*',
      );
      made.style.background = between(dark ? '#1d2329' : '#e3eef6', dark ? '#1f6a97' : '#00507d', goodness);
      made.style.color = brightness(made.style.background) > 0.18 ? '#101418' : '#ffffff';
      return made;
    };
    replace(parts.map, [
      el(
        'p',
        { class: 'faint' },
        `${view.metric}, mean over the seeds that are done; the stronger the colour the better. * some seeds are not done.`,
      ),
      el(
        'div',
        { class: 'wide', tabindex: '0', role: 'region', 'aria-label': 'Map of results' },
        el(
          'table',
          { class: 'map' },
          el(
            'thead',
            {},
            el(
              'tr',
              {},
              el('th', { scope: 'col' }, `${view.names[vertical]} \\ ${view.names[horizontal]}`),
              across.map((h) => el('th', { scope: 'col' }, h)),
            ),
          ),
          el(
            'tbody',
            {},
            down.map((v) =>
              el(
                'tr',
                {},
                el('th', { scope: 'row' }, v),
                across.map((h) => cell(v, h)),
              ),
            ),
          ),
        ),
      ),
    ]);
  }

  function fillAxes() {
    const axes = view.kind === 'sweep' || view.kind === 'experiment' ? paths() : [];
    const all = configurationsOrRuns().filter(({ mean: m }) => Number.isFinite(m));
    show('axes', axes.length > 0 && all.length > 1);
    if (parts['axes.section'].hidden) return;
    const isNumeric = (path) => all.every(({ set }) => set[path] !== undefined && set[path] !== '' && Number.isFinite(Number(set[path])));
    const shown = axes.filter(isNumeric).slice(0, 12);
    show('axes', shown.length > 0);
    const key = shown.join('\n');
    if (parts.axes.dataset.axes !== key) {
      parts.axes.dataset.axes = key;
      parts.axes.replaceChildren(
        el(
          'div',
          { class: 'axes' },
          shown.map((path) => el('figure', {}, el('figcaption', {}, view.names[path]), el('canvas', { role: 'img' }))),
        ),
      );
    }
    shown.forEach((path, i) => scatter(parts.axes.querySelectorAll('canvas')[i], path, all));
  }

  const configurationsOrRuns = () =>
    isStudy()
      ? configurations()
      : [...rows.values()].filter(({ state: s }) => s === 'done').map((row) => ({ name: row.key, set: row.set, mean: number(row.value) }));

  function scatter(canvasElement, path, all) {
    const canvas = prepare(canvasElement);
    const points = all.map((each) => [Number(each.set[path]), each.mean]);
    const [xs, ys] = [0, 1].map((axis) => [Math.min(...points.map((p) => p[axis])), Math.max(...points.map((p) => p[axis]))]);
    const xLog = xs[0] > 0 && xs[1] / xs[0] >= 10;
    const values = distinct([...rows.values()].map(({ set }) => set[path] ?? '')).map(Number);
    const isFew = values.length <= 8 && values.every((value) => value >= xs[0] && value <= xs[1]);
    const pad = ([low, high], isLog) =>
      isLog
        ? [low / (high / low) ** 0.06, high * (high / low) ** 0.06]
        : low === high
          ? [low - 0.5, high + 0.5]
          : [low - (high - low) * 0.06, high + (high - low) * 0.06];
    const { x, y } = frame(canvas, {
      xs: pad(xs, xLog),
      ys: pad(ys, false),
      xLog,
      yLog: false,
      xTitle: '',
      yTitle: view.metric,
      xTicks: isFew ? values : undefined,
    });
    canvas.g.fillStyle = css('--t0');
    canvas.g.globalAlpha = 0.75;
    for (const [px, py] of points) {
      canvas.g.beginPath();
      canvas.g.arc(x(px), y(py), 3.5, 0, 2 * Math.PI);
      canvas.g.fill();
    }
    canvasElement.setAttribute(
      'aria-label',
      `${view.metric} by ${view.names[path]}, ${points.length} points from ${text(ys[0])} to ${text(ys[1])}`,
    );
  }

  // Failures, and what `report` draws

  function fillFailures(failed) {
    show('failures', failed.length > 0);
    replace(
      parts.failures,
      failed
        .slice(0, 50)
        .map((row) =>
          el(
            'details',
            { 'data-key': row.key },
            el(
              'summary',
              { 'data-focus': row.key },
              el('span', { class: `status ${row.state}` }, row.state),
              ` ${label(row)}${row.reason === '' ? '' : `: ${row.reason}`}`,
            ),
            row.log === ''
              ? el('p', { class: 'faint' }, 'It kept no log.')
              : el('pre', { tabindex: '0', role: 'region', 'aria-label': `the end of the log of ${label(row)}` }, row.log),
          ),
        ),
    );
  }

  // A report is a page of its own, made of escaped texts; what of it is shown stands in a shadow tree, where its styles reach nothing else.
  function fillReport(all) {
    const one = view.kind === 'runs' && all.length === 1 ? all[0] : null;
    show('report', one !== null);
    show('verdicts', view.kind === 'table' && view.hasVerdicts);
    const id = one?.run ?? (view.kind === 'table' && view.hasVerdicts ? subject().slice('study/'.length) : null);
    if (SAVED) {
      if (SAVED.report !== '' && report.html === '') adopt(one ? 'report' : 'verdicts', (report.html = SAVED.report), one !== null);
      return;
    }
    if (!id) return;
    // Of a run its state and every tenth of its way, of a table every run that has come to its end.
    const at = one
      ? `${one.state} ${one.epochs > 0 ? Math.floor((10 * one.epoch) / one.epochs) : ''}`
      : String(all.filter(({ state: s }) => s === 'done' || s === 'diverged' || s === 'failed').length);
    if (report.at === `${id} ${at}`) {
      if (report.html !== '' && parts[one ? 'report' : 'verdicts'].childNodes.length === 0)
        adopt(one ? 'report' : 'verdicts', report.html, one !== null);
      return;
    }
    report = { at: `${id} ${at}`, html: '' };
    const asked = report;
    fetch(`report?${new URLSearchParams({ id, at })}`)
      .then(async (response) => {
        const said = await response.text();
        if (report !== asked) return;
        if (response.ok) adopt(one ? 'report' : 'verdicts', (report.html = said), one !== null);
        else parts[one ? 'report' : 'verdicts'].replaceChildren(el('p', { class: 'note' }, said));
      })
      .catch(() => (report.at = ''));
  }

  const OF_TABLE = ['Ours and theirs', 'Where the numbers lie'];
  function adopt(name, page, isRun) {
    const read = new DOMParser().parseFromString(page, 'text/html');
    const host = el('div');
    const tree = host.attachShadow({ mode: 'open' });
    const style = read.querySelector('style');
    const sections = [...read.querySelectorAll('main > section')].filter(
      (each) => isRun || OF_TABLE.includes(each.querySelector('h2')?.textContent ?? ''),
    );
    tree.append(...(style ? [style] : []), ...sections);
    const notes = isRun
      ? []
      : [
          el(
            'p',
            { class: 'faint' },
            'This is no counted look: decide nothing by it while runs are left, or the verdicts are wrong more often than they say.',
          ),
        ];
    parts[name].replaceChildren(...notes, host);
    globalThis.livePage(tree);
  }

  // It begins

  addEventListener('resize', redraw);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
  addEventListener('beforeprint', () => view && fill());
  if (SAVED) begin(SAVED.snapshot);
  else {
    addEventListener('hashchange', () => {
      Object.assign(chosen, { metric: null, colour: undefined, sort: null, filter: '', all: false });
      pins = new Set();
      pointed = null;
      connect();
      scrollTo(0, 0);
    });
    document.addEventListener('visibilitychange', lookAfter);
    addEventListener('online', lookAfter);
    setInterval(lookAfter, 10000);
    connect();
  }
})();
