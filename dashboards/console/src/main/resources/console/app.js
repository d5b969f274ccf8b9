// The live page. Text from outside is only ever set as textContent, never as markup.
const $ = (id) => document.getElementById(id);
const CAUSES = {
  not_connected: 'no connection: messages wait for a name or a connection',
  stream_limit: 'stream limit: the peer allows no more calls on this connection at a time',
  headers_not_sent: 'headers not sent: the call waits for the transport',
  handler_busy: 'handler busy: messages wait for this side’s own code or threads',
  peer_not_reading: 'peer not reading: the other side, or the network, takes nothing',
  no_demand: 'no demand: this side has not asked for more messages',
};
const SHORT = {
  not_connected: 'not connected', stream_limit: 'stream limit',
  headers_not_sent: 'headers not sent', handler_busy: 'handler busy',
  peer_not_reading: 'peer not reading', no_demand: 'no demand',
};
// Where a cause holds messages up.
const STUCK = {
  not_connected: ['connect'], stream_limit: ['stream_limit'],
  headers_not_sent: ['stream_limit'], handler_busy: ['executor', 'handler', 'application'],
  peer_not_reading: ['transport'], no_demand: ['deframer'],
};
const STAGES = [
  ['connect', 'depth', 'waits for a connection'],
  ['stream_limit', 'depth', 'waits for the peer’s limit'],
  ['transport', 'bytes', 'framed, not on the wire'],
  ['wire', null, 'on its way'],
  ['deframer', 'bytes', 'arrived, not asked for'],
  ['executor', 'depth', 'waits for a thread'],
  ['handler', 'depth', 'in the callback'],
  ['application', 'depth', 'in its own queue'],
];
const CHART_SECONDS = 600;
const SILENCE_MILLIS = 5000;

let sample = null;
let points = [];
let selected = null;
let token = sessionStorage.getItem('streamgauge.token');
let traces = '';
let stopped = false;
const charts = {};

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined && text !== null) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function seconds(value) {
  if (value === undefined || value === null) return '–';
  if (value < 10) return value.toFixed(1) + ' s';
  if (value < 120) return Math.round(value) + ' s';
  if (value < 7200) return Math.round(value / 60) + ' min';
  return (value / 3600).toFixed(1) + ' h';
}

function rate(value) {
  if (value === undefined || value === null) return '–';
  return value >= 100 ? String(Math.round(value)) : value.toFixed(1);
}

function bytes(value) {
  if (value < 1024) return value + ' B';
  return value < 1048576 ? (value / 1024).toFixed(1) + ' KiB' : (value / 1048576).toFixed(1) + ' MiB';
}

const keyOf = (row) => [row.target, row.gauge || '', row.id, row.side, row.span_id].join(' ');
const methodOf = (row) => (row.grpc_service + '/' + row.grpc_method);

function waiting(row) {
  const parts = [];
  for (const [stage, count] of Object.entries(row.depth || {})) if (count > 0) parts.push(stage + ' ' + count);
  for (const [stage, count] of Object.entries(row.bytes || {})) if (count > 0) parts.push(stage + ' ' + bytes(count));
  return parts.join(', ') || '0';
}

function tiles() {
  const t = sample.totals;
  const values = [
    ['open', t.open], ['stalled', t.stalled, t.stalled > 0], ['oldest idle', seconds(t.oldest_idle_seconds)],
    ['not ready', t.not_ready], ['buffered', t.buffered + (t.buffered_bytes ? ' + ' + bytes(t.buffered_bytes) : '')],
    ['msg/s in', rate(t.in_per_second)], ['msg/s out', rate(t.out_per_second)], ['errors', t.error_percent.toFixed(1) + ' %'],
  ];
  $('tiles').replaceChildren(...values.map(([name, value, bad]) => {
    const tile = element('div', undefined, bad ? 'tile bad' : 'tile');
    tile.append(element('b', String(value)), element('span', name));
    return tile;
  }));
}

function announce() {
  const first = sample.streams.find((row) => row.cause);
  const text = first
    ? `${sample.totals.stalled} stalled: ${first.grpc_method}, ${SHORT[first.cause] || first.cause}` : '';
  const alarm = $('alarm');
  // Repeated only when it changes, or a reader would hear it each second.
  if (alarm.textContent !== text) alarm.textContent = text;
  document.title = (sample.totals.stalled ? `▲ ${sample.totals.stalled} stalled · ` : '') + 'Streamgauge';
}

function targets() {
  const many = sample.targets.filter((target) => target.name);
  $('targets').replaceChildren(...many.map((target) => {
    const item = element('li', target.up ? `${target.name}: ${target.open} open` : `▲ ${target.name} is down: ${target.error}`);
    if (!target.up) item.className = 'down';
    return item;
  }));
}

function options(select, values) {
  const wanted = ['', ...values];
  const have = [...select.options].map((option) => option.value);
  if (wanted.join('\n') === have.join('\n')) return;
  const chosen = select.value;
  select.replaceChildren(...wanted.map((value) => {
    const option = element('option', value === '' ? 'all' : SHORT[value] || value);
    option.value = value;
    return option;
  }));
  select.value = wanted.includes(chosen) ? chosen : '';
}

function matches(row) {
  const method = $('method').value.trim().toLowerCase();
  return (!method || methodOf(row).toLowerCase().includes(method))
    && (!$('lane').value || row.gray_tag === $('lane').value)
    && (!$('cause').value || row.cause === $('cause').value);
}

function traceLink(row) {
  if (!row.trace_id) return document.createTextNode('–');
  if (!traces) return element('span', row.trace_id.slice(0, 8));
  const link = element('a', row.trace_id.slice(0, 8));
  link.href = traces + encodeURIComponent(row.trace_id);
  link.target = '_blank';
  link.rel = 'noopener';
  if (!row.sampled) link.title = 'not sampled: it may not be there';
  return link;
}

// Nodes are kept and only their text is changed: what is rebuilt each second loses the focus, and a
// click that began on it.
function put(node, text, className) {
  if (node.textContent !== text) node.textContent = text;
  if (className !== undefined && node.className !== className) node.className = className;
}

const COLUMNS = [
  [(row) => methodOf(row).replace(/^.*\.([^.]*\/)/, '$1')],
  [(row) => row.target || 'this'],
  [(row) => row.side],
  [(row) => row.gray_tag],
  [(row) => seconds(row.age_seconds), () => 'n'],
  [(row) => seconds(row.idle_seconds), () => 'n'],
  [(row) => rate(row.in_per_second), () => 'n'],
  [(row) => rate(row.out_per_second), () => 'n'],
  [waiting],
  [(row) => String(row.demand), () => 'n'],
  [(row) => (row.not_ready ? 'not ready' : 'yes'), (row) => (row.not_ready ? 'not' : '')],
  [(row) => (row.cause ? '▲ ' + (SHORT[row.cause] || row.cause) : ''), (row) => (row.cause ? 'cause' : '')],
];
const rowsByKey = new Map();

function line(row) {
  const key = keyOf(row);
  let tr = rowsByKey.get(key);
  if (!tr) {
    tr = element('tr');
    tr.tabIndex = 0;
    tr.dataset.key = key;
    COLUMNS.forEach(() => tr.append(element('td')));
    const trace = element('td');
    trace.append(traceLink(row));
    tr.append(trace);
    rowsByKey.set(key, tr);
  }
  const stalled = row.cause ? 'stalled' : '';
  if (tr.className !== stalled) tr.className = stalled;
  COLUMNS.forEach(([text, className], i) => put(tr.cells[i], text(row), className ? className(row) : ''));
  return tr;
}

function table() {
  const body = $('streams').tBodies[0];
  const rows = sample.streams.filter(matches);
  const focused = document.activeElement;
  const shown = new Set();
  rows.forEach((row, i) => {
    const tr = line(row);
    shown.add(tr);
    if (body.rows[i] !== tr) body.insertBefore(tr, body.rows[i] || null);
  });
  for (const [key, tr] of rowsByKey) {
    if (!shown.has(tr)) {
      tr.remove();
      rowsByKey.delete(key);
    }
  }
  // A row that is moved loses the focus.
  if (focused !== document.activeElement && focused.isConnected) focused.focus({ preventScroll: true });
  put($('count'), `${rows.length} of ${sample.totals.open} open`
    + (sample.totals.open > sample.streams.length ? `; the ${sample.streams.length} worst are listed` : ''));
}

let panelOf = null;

function stageWords(row, stage, kind) {
  if (!kind) return row.not_ready ? 'not writable' : 'writable';
  const known = (row[kind] || {})[stage];
  if (known === undefined) return 'not seen here';
  return kind === 'bytes' ? bytes(known) : known + ' messages';
}

// Built once for a stream; after that only words change.
function build(row) {
  const close = element('button', 'close');
  close.addEventListener('click', deselect);
  const title = element('h2', `${methodOf(row)}, ${row.side} of ${row.target || 'this process'}, lane ${row.gray_tag}`);
  title.id = 'stages';
  const why = element('p');
  const list = element('ol', undefined, 'stages');
  const stages = STAGES.map(([stage, , words]) => {
    const item = element('li');
    const value = element('span');
    item.append(element('b', stage), value, document.createElement('br'), element('span', words));
    list.append(item);
    return { item, value };
  });
  const facts = element('p');
  const trace = element('p', 'Trace and checkpoints: ');
  trace.append(traceLink(row));
  $('detail').replaceChildren(close, title, why, list, facts, trace);
  panelOf = { key: keyOf(row), why, stages, facts };
}

function detail() {
  const panel = $('detail');
  panel.hidden = !selected;
  if (!selected) {
    panelOf = null;
    return;
  }
  const row = sample.streams.find((each) => keyOf(each) === selected);
  if (!row) {
    if (panelOf) {
      put(panelOf.why, 'This stream has ended or is no longer among the worst. Its last values are below.', '');
    }
    return;
  }
  if (!panelOf || panelOf.key !== selected) build(row);
  put(panelOf.why, row.cause ? CAUSES[row.cause] || row.cause : 'It moves, or is merely idle.', row.cause ? 'cause' : '');
  const stuck = row.cause ? STUCK[row.cause] || [] : [];
  const held = stuck.filter((stage) => ((row.depth || {})[stage] || (row.bytes || {})[stage]) > 0);
  const at = held.length ? held : stuck.slice(0, 1);
  STAGES.forEach(([stage, kind], i) => {
    const { item, value } = panelOf.stages[i];
    item.className = at.includes(stage) ? 'stuck' : '';
    put(value, stageWords(row, stage, kind));
  });
  put(panelOf.facts, `open for ${seconds(row.age_seconds)}, last moved ${seconds(row.idle_seconds)} ago; `
    + `${row.msg_received} messages in, ${row.msg_sent} out; asked for ${row.demand} more; `
    + `not writable for ${seconds(row.blocked_seconds)} in all.`);
}

function deselect() {
  const key = selected;
  selected = null;
  detail();
  const row = [...$('streams').tBodies[0].rows].find((each) => each.dataset.key === key);
  if (row) row.focus();
}

function select(tr) {
  selected = tr.dataset.key;
  detail();
  $('detail').focus();
}

const COLOURS = ['#2f7fd1', '#d1772f', '#2f9e6b', '#9a5fc4', '#8a8a2f', '#c4475f'];

function chart(id, names, values) {
  const data = [points.map((point) => point.t / 1000), ...values];
  const shape = names.join('\n');
  if (charts[id] && charts[id].shape === shape) {
    charts[id].plot.setData(data);
    return;
  }
  if (charts[id]) charts[id].plot.destroy();
  const ink = getComputedStyle(document.body).color;
  const axis = { stroke: ink, grid: { stroke: '#8884', width: 1 }, ticks: { stroke: '#8884', width: 1 } };
  const width = Math.max(240, $(id).clientWidth);
  const plot = new uPlot({
    width, height: 150, legend: { show: names.length > 1, live: false }, cursor: { drag: { x: false, y: false } },
    scales: { x: { range: (u, low, high) => [Math.min(low, high - CHART_SECONDS / 10), high] }, y: { range: (u, low, high) => [0, Math.max(1, high * 1.1)] } },
    axes: [axis, axis],
    series: [{}, ...names.map((label, i) => ({
      // Dashes as well as colours, for those who do not see colours apart.
      label, stroke: COLOURS[i % COLOURS.length], width: 1.5, dash: i ? [3 + 2 * i, 3] : undefined, points: { show: false },
    }))],
  }, data, $(id));
  charts[id] = { plot, shape };
}

function drawCharts() {
  if (!points.length || typeof uPlot === 'undefined') return;
  chart('rate', ['in', 'out'], [points.map((p) => p.in), points.map((p) => p.out)]);
  chart('depth', ['waiting'], [points.map((p) => p.buffered)]);
  chart('stalls', ['stalled'], [points.map((p) => p.stalled)]);
  const lanes = [...new Set(points.flatMap((p) => Object.keys(p.lanes)))].sort();
  if (lanes.length) chart('lanes', lanes, lanes.map((lane) => points.map((p) => p.lanes[lane] ?? null)));
}

function show(next) {
  if (!next.totals) return;
  sample = next;
  // A clock that was set back: what is after now cannot be shown before it.
  while (points.length && points[points.length - 1].t >= next.time) points.pop();
  points.push({
    t: next.time, in: next.totals.in_per_second, out: next.totals.out_per_second, buffered: next.totals.buffered,
    stalled: next.totals.stalled, open: next.totals.open,
    lanes: Object.fromEntries(Object.entries(next.lanes).map(([lane, sums]) => [lane, sums.in_per_second + sums.out_per_second])),
  });
  const from = next.time - CHART_SECONDS * 1000;
  while (points.length && points[0].t < from) points.shift();
  tiles();
  targets();
  announce();
  options($('lane'), Object.keys(next.lanes));
  options($('cause'), Object.keys(SHORT));
  table();
  detail();
  drawCharts();
}

function ask(path, signal) {
  return fetch(path, { headers: token ? { Authorization: 'Bearer ' + token } : {}, cache: 'no-store', signal });
}

function dispatch(block) {
  const name = /^event: (.*)$/m.exec(block);
  const data = /^data: (.*)$/m.exec(block);
  if (!name || !data) return;
  const value = JSON.parse(data[1]);
  if (name[1] === 'history') {
    points = value;
  } else {
    show(value);
  }
}

// Not EventSource: it cannot send the bearer token.
async function listen() {
  const silence = new AbortController();
  let timer = 0;
  // A connection that has died without a word, and a console that no longer looks, both end here.
  const heard = () => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(new Error('nothing was heard for 5 s')), SILENCE_MILLIS);
  };
  heard();
  const answer = await ask('/events', silence.signal);
  if (answer.status === 401) {
    clearTimeout(timer);
    const given = window.prompt('Token of this console');
    if (given === null) {
      stopped = true;
      $('connection').textContent = '▲ this console asks for a token; reload to give it';
      return;
    }
    token = given;
    sessionStorage.setItem('streamgauge.token', token);
    return;
  }
  if (!answer.ok) throw new Error('the console answers ' + answer.status);
  $('connection').textContent = 'live, once a second';
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) {
      clearTimeout(timer);
      break;
    }
    text += value;
    const blocks = text.split('\n\n');
    text = blocks.pop();
    if (blocks.some((block) => block.startsWith('event: sample'))) heard();
    blocks.forEach(dispatch);
  }
}

async function run() {
  while (!stopped) {
    try {
      const config = await ask('/api/config');
      if (config.ok) traces = (await config.json()).traces;
      if (traces) {
        $('traces').href = traces.replace(/traces\/$/, '');
        $('traces').hidden = false;
      }
      await listen();
    } catch (e) {
      $('connection').textContent = '▲ no connection (' + e.message + '); the values are old, the page tries again';
    }
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

for (const id of ['method', 'lane', 'cause']) $(id).addEventListener('input', () => sample && table());
$('streams').tBodies[0].addEventListener('click', (event) => {
  const tr = event.target.closest('tr');
  if (tr && !event.target.closest('a')) select(tr);
});
document.addEventListener('keydown', (event) => {
  const tr = document.activeElement.closest ? document.activeElement.closest('tbody tr') : null;
  if (event.key === 'Escape' && selected) deselect();
  else if (event.key === '/' && !/INPUT|SELECT/.test(document.activeElement.tagName)) {
    event.preventDefault();
    $('method').focus();
  } else if (event.key === 'Enter' && tr && document.activeElement === tr) select(tr);
  else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    if (/INPUT|SELECT/.test(document.activeElement.tagName)) return;
    const rows = [...$('streams').tBodies[0].rows];
    const next = tr ? rows.indexOf(tr) + (event.key === 'ArrowDown' ? 1 : -1) : 0;
    if (rows[next]) {
      event.preventDefault();
      rows[next].focus();
    }
  }
});
window.addEventListener('resize', () => {
  for (const [id, { plot }] of Object.entries(charts)) plot.setSize({ width: Math.max(240, $(id).clientWidth), height: 150 });
});
run();
