import { drawFlow, light } from './draw-flow.js'
import { $, element, fill, row } from './elements.js'

const SHOWN_STEPS = 80
const REFRESH_AFTER_MS = 150

let platform = ''
let faults = []
let faultStates = {}
let isSimulated = true
let lastStep = ''
/** Faults whose button was pressed a moment ago. */
const pressed = new Set()

drawFlow()
faults = await (await fetch('faults')).json()
watchWhileSeen()
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
$('tabs').addEventListener('keydown', walkTabs)

/** Browsers allow a server six connections, over all tabs: one that nobody sees gives its own back. */
function watchWhileSeen() {
  let stream = watch()
  document.addEventListener('visibilitychange', () => {
    stream.close()
    if (!document.hidden) stream = watch()
  })
}

function watch() {
  const stream = new EventSource(`steps?after=${lastStep}`)
  stream.addEventListener('open', () => {
    say('live', 'done')
    refreshSoon() // what happened while nobody listened
  })
  stream.addEventListener('error', () => say('the demo has ended or is out of reach', 'refused'))
  stream.addEventListener('step', ({ data, lastEventId }) => {
    lastStep = lastEventId
    showStep(JSON.parse(data))
    refreshSoon()
  })
  stream.addEventListener('news', refreshSoon)
  return stream
}

function say(words, state) {
  $('connection').textContent = words
  $('connection').dataset.state = state
}

function showStep({ who, what, mark, at }) {
  const time = element('time', { datetime: at, class: 'quiet' }, new Date(at).toLocaleTimeString())
  $('steps').prepend(row(mark, who, what, time))
  while ($('steps').children.length > SHOWN_STEPS) $('steps').lastChild.remove()
  light(who, mark)
}

let isRefreshing = false
function refreshSoon() {
  if (isRefreshing) return
  isRefreshing = true
  setTimeout(() => {
    isRefreshing = false
    void refresh()
  }, REFRESH_AFTER_MS)
}

async function refresh() {
  const answer = await fetch('state').catch(() => undefined)
  if (answer?.ok) show(await answer.json())
}

function show(state) {
  const { waiting, segments } = state
  $('waiting').textContent = waiting > 0 ? `waiting or under way: ${waiting}` : 'nothing waits'
  showPlatforms(state.platforms)
  showConversation(state.conversations)
  faultStates = state.faults
  showFaults()
  fill($('hooks'), state.hookCalls.slice(0, 6), hookItem, 'none yet')
  fill($('pings'), state.pings, pingItem, 'none yet')
  fill($('files'), state.files, fileItem, 'none yet')
  const size = `${segments.total} profiles, ${segments.sizeBytes.toLocaleString()} bytes`
  $('segments-key').textContent = `${segments.key}: ${size}`
  fill($('segments'), segments.profiles.toReversed(), profileItem, 'nobody yet')
  fill($('dead'), state.deadLetters, deadLetterItem, 'none')
}

function showPlatforms(platforms) {
  const names = platforms.map(({ name }) => name)
  if (platform === '') platform = names[0]
  const simulated = platforms.filter((known) => known.simulated)
  isSimulated = simulated.length > 0
  fill($('platform'), simulated, ({ name }) => element('option', {}, name), '')
  for (const control of $('write').elements) control.disabled = simulated.length === 0
  fill($('tabs'), platforms, tabOf, '')
  for (const tab of $('tabs').children) {
    const chosen = tab.dataset.platform === platform
    tab.setAttribute('aria-selected', chosen)
    tab.tabIndex = chosen ? 0 : -1
  }
}

function tabOf({ name, simulated }) {
  const attributes = { type: 'button', role: 'tab', 'data-platform': name }
  const tab = element('button', { ...attributes, 'aria-controls': 'conversation' }, name)
  if (!simulated) tab.append(element('small', {}, ' real'))
  tab.addEventListener('click', () => choose(name))
  return tab
}

function choose(name) {
  platform = name
  void refresh()
}

/** Arrow keys move between tabs, as people with a keyboard expect. */
function walkTabs({ key }) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[key]
  const tabs = [...$('tabs').children]
  const at = tabs.findIndex((tab) => tab.dataset.platform === platform)
  const next = step && tabs[(at + step + tabs.length) % tabs.length]
  next?.focus()
  if (next) choose(next.dataset.platform)
}

function showConversation(lines) {
  const list = $('conversation')
  const shown = lines.filter((line) => line.platform === platform)
  const before = list.dataset.shown
  fill(list, shown, lineItem, 'nobody wrote yet')
  if (before !== list.dataset.shown) list.scrollTop = list.scrollHeight
}

function lineItem({ direction, text, contact }) {
  const item = element('li', { 'data-direction': direction })
  const who = direction === 'in' ? contact : `reply to ${contact}`
  item.append(element('small', { class: 'quiet' }, who), element('span', {}, text))
  return item
}

function showFaults() {
  const items = faults.map((fault) => {
    const { underWay, outcome = '' } = faultStates[fault.name] ?? {}
    const waits = underWay || pressed.has(fault.name)
    return { ...fault, waits, outcome: waits ? 'under way …' : outcome }
  })
  fill($('faults'), isSimulated ? items : [], faultItem, 'Every platform is a real account here.')
}

function faultItem({ name, title, expect, waits, outcome }) {
  const item = element('li', waits ? { 'data-state': 'waits' } : {})
  const button = element('button', { type: 'button', 'data-fault': name }, title)
  if (waits)
    button.setAttribute('aria-disabled', 'true') // disabled would lose the focus
  else button.addEventListener('click', () => inject(name))
  const told = element('p', { role: 'status', 'data-outcome': name }, outcome)
  item.append(button, element('p', { class: 'quiet' }, expect), told)
  return item
}

async function inject(name) {
  pressed.add(name)
  showFaults()
  await post(`faults/${name}`)
  await refresh()
  pressed.delete(name)
  showFaults()
}

function hookItem({ hook, records, failure, ms }) {
  const failed = failure ?? records.find(({ reason }) => reason)?.reason
  const mark = failed ? 'refused' : 'done'
  const named = records.map(({ outcome, text }) => `${outcome} ${text ? `“${text}”` : '1 record'}`)
  const words = failure ?? named.join(', ')
  return row(mark, hook, `${words} (${ms} ms)`)
}

function fileItem({ key, sizeBytes, mediaType, url }) {
  const link = element('a', { href: url, target: '_blank', rel: 'noreferrer' })
  const size = `${Math.ceil(sizeBytes / 1024)} KiB`
  if (mediaType.startsWith('image/'))
    link.append(element('img', { src: url, alt: `Preview of ${key}`, loading: 'lazy' }))
  link.append(element('span', {}, mediaType.startsWith('image/') ? size : `${mediaType}, ${size}`))
  const item = element('li')
  item.append(link)
  return item
}

function profileItem({ smi_uid, segments }) {
  return row('', smi_uid, segments.join(', '))
}

function pingItem({ key, ok, answer, meaning }) {
  return row(ok ? 'done' : 'refused', key, `${answer}. ${meaning}`)
}

function deadLetterItem({ id, code, message, attempts }) {
  const tried = attempts === 1 ? '1 attempt' : `${attempts} attempts`
  const buttons = ['redrive', 'discard'].map((action) => {
    const button = element('button', { type: 'button' }, action)
    button.addEventListener('click', () => post(`dead-letters/${encodeURIComponent(id)}/${action}`))
    return button
  })
  return row('refused', code, `${message} (${tried})`, ...buttons)
}

async function post(path, body) {
  $('refused').textContent = ''
  const init = { method: 'POST', ...(body && { body: JSON.stringify(body) }) }
  const answer = await fetch(path, init).catch(() => undefined)
  if (!answer) $('refused').textContent = 'The demo does not answer.'
  else if (!answer.ok) $('refused').textContent = (await answer.json()).detail
  refreshSoon()
}
