const SVG = 'http://www.w3.org/2000/svg'
const MARKS = { done: '✓', refused: '✗', waits: '◷', note: '·' }
const SHOWN_STEPS = 80
const LIT_MS = 1500

/** Where each part stands in the picture: the names are the ones that steps carry. */
const NODES = {
  platform: [95, 80],
  manifest: [95, 165],
  'messaging-sdk': [300, 80],
  pipeline: [500, 80],
  worker: [500, 165],
  'files-local': [705, 30],
  'files-remote': [905, 30],
  'segments-uploader': [705, 97],
  'extension-hooks': [705, 165],
}
const NODE_WIDTH = 180
const NODE_HEIGHT = 46
const EDGES = [
  ['platform', 'messaging-sdk'],
  ['messaging-sdk', 'pipeline'],
  ['pipeline', 'worker'],
  ['pipeline', 'files-local'],
  ['files-local', 'files-remote'],
  ['pipeline', 'segments-uploader'],
  ['pipeline', 'extension-hooks'],
]

const $ = (id) => document.getElementById(id)
let platform = 'whatsapp'

drawFlow()
void listFaults()
watch()
void refresh()

$('write').addEventListener('submit', async (event) => {
  event.preventDefault()
  const form = new FormData(event.target)
  platform = form.get('platform')
  await post('messages', { platform, text: form.get('text'), picture: form.has('picture') })
})
$('repair').addEventListener('click', () => post('repair'))
for (const button of document.querySelectorAll('[data-ping]')) {
  button.addEventListener('click', () => post(`pings/${button.dataset.ping}`))
}

function watch() {
  const stream = new EventSource('steps')
  stream.addEventListener('open', () => say('live'))
  stream.addEventListener('error', () => say('the demo has ended or is out of reach'))
  stream.addEventListener('step', ({ data }) => {
    showStep(JSON.parse(data))
    refreshSoon()
  })
  stream.addEventListener('news', refreshSoon)
}

function say(words) {
  $('connection').textContent = words
}

function showStep({ who, what, mark, at }) {
  const item = element('li', { 'data-mark': mark })
  const time = element('time', { datetime: at, class: 'quiet' }, new Date(at).toLocaleTimeString())
  item.append(element('i', {}, MARKS[mark]), ' ', element('b', {}, who), ` ${what} `, time)
  $('steps').prepend(item)
  while ($('steps').children.length > SHOWN_STEPS) $('steps').lastChild.remove()
  light(who, mark)
}

function light(who, mark) {
  const node = document.querySelector(`#flow [data-node="${CSS.escape(who)}"]`)
  if (!node) return
  node.dataset.mark = mark
  clearTimeout(node.timer)
  node.timer = setTimeout(() => delete node.dataset.mark, LIT_MS)
}

let timer
function refreshSoon() {
  clearTimeout(timer)
  timer = setTimeout(refresh, 150)
}

async function refresh() {
  const answer = await fetch('state').catch(() => undefined)
  if (answer?.ok) show(await answer.json())
}

function show(state) {
  $('waiting').textContent =
    state.waiting > 0 ? `waiting or under way: ${state.waiting}` : 'nothing waits'
  showPlatforms(state.platforms)
  showConversation(state.conversations)
  $('pings').replaceChildren(...state.pings.map(pingItem))
  $('files').replaceChildren(...state.files.map(fileItem))
  $('segments-key').textContent = `${state.segments.key}: ${state.segments.total} profiles`
  $('segments').replaceChildren(...state.segments.profiles.toReversed().map(profileItem))
  $('dead').replaceChildren(...state.deadLetters.map(deadLetterItem))
  if (state.deadLetters.length === 0) $('dead').append(element('li', { class: 'quiet' }, 'none'))
}

function showPlatforms(names) {
  if ($('platform').children.length === 0) {
    $('platform').append(...names.map((name) => element('option', {}, name)))
  }
  const tabs = names.map((name) => {
    const tab = element(
      'button',
      { type: 'button', role: 'tab', 'aria-selected': name === platform },
      name,
    )
    tab.addEventListener('click', () => {
      platform = name
      void refresh()
    })
    return tab
  })
  if (!$('tabs').contains(document.activeElement)) return $('tabs').replaceChildren(...tabs)
  for (const tab of $('tabs').children)
    tab.setAttribute('aria-selected', tab.textContent === platform)
}

function showConversation(lines) {
  const shown = lines.filter((line) => line.platform === platform)
  $('conversation').replaceChildren(
    ...shown.map(({ direction, text, contact }) =>
      element('li', { 'data-direction': direction, title: contact }, text),
    ),
  )
  if (shown.length === 0)
    $('conversation').append(element('li', { class: 'quiet' }, 'nobody wrote yet'))
  $('conversation').scrollTop = $('conversation').scrollHeight
}

function fileItem({ key, sizeBytes, url }) {
  const link = element('a', { href: url, target: '_blank', rel: 'noreferrer' })
  link.append(element('img', { src: url, alt: `Preview of ${key}`, loading: 'lazy' }))
  link.append(`${Math.ceil(sizeBytes / 1024)} KiB`)
  const item = element('li')
  item.append(link)
  return item
}

function profileItem({ smi_uid, segments }) {
  return element('li', {}, `${smi_uid}: ${segments.join(', ')}`)
}

function pingItem({ key, ok, answer }) {
  const item = element('li', { 'data-mark': ok ? 'done' : 'refused' })
  item.append(element('i', {}, MARKS[ok ? 'done' : 'refused']), ` ${key}: ${answer}`)
  return item
}

function deadLetterItem({ id, message, attempts }) {
  const item = element('li', {}, `${message} (attempt ${attempts}) `)
  for (const action of ['redrive', 'discard']) {
    const button = element('button', { type: 'button' }, action)
    button.addEventListener('click', () => post(`dead-letters/${encodeURIComponent(id)}/${action}`))
    item.append(button, ' ')
  }
  return item
}

async function listFaults() {
  const faults = await (await fetch('faults')).json()
  $('faults').replaceChildren(
    ...faults.map(({ name, title, expect }) => {
      const button = element('button', { type: 'button', title: expect, 'data-fault': name }, title)
      button.addEventListener('click', async () => {
        $('expect').textContent = expect
        button.disabled = true
        await post(`faults/${name}`)
        button.disabled = false
      })
      const item = element('li')
      item.append(button)
      return item
    }),
  )
}

async function post(path, body) {
  const answer = await fetch(path, { method: 'POST', ...(body && { body: JSON.stringify(body) }) })
  if (!answer.ok) $('expect').textContent = (await answer.json()).detail
  refreshSoon()
}

function drawFlow() {
  for (const [from, to] of EDGES) {
    const [[x1, y1], [x2, y2]] = [NODES[from], NODES[to]]
    $('flow').append(svg('path', { d: `M${x1} ${y1} L${x2} ${y2}` }))
  }
  for (const [name, [x, y]] of Object.entries(NODES)) {
    const node = svg('g', { 'data-node': name })
    const box = {
      x: x - NODE_WIDTH / 2,
      y: y - NODE_HEIGHT / 2,
      width: NODE_WIDTH,
      height: NODE_HEIGHT,
      rx: 8,
    }
    const label = svg('text', { x, y: y + 6 })
    label.textContent = name
    node.append(svg('rect', box), label)
    $('flow').append(node)
  }
}

function element(tag, attributes = {}, text = '') {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value))
  made.textContent = text
  return made
}

function svg(tag, attributes) {
  const made = document.createElementNS(SVG, tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value))
  return made
}
