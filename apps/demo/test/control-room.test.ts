import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { describeWithBrowser } from '../../../scripts/vitest/servers.ts'
import type { Demo } from '../src/running-demo.ts'
import { startDemo } from '../src/start-demo.ts'
import { silentNarrator } from './silent-narrator.ts'

const BROWSER_TIMEOUT_MS = 60_000
const PATIENCE_MS = 20_000
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-background-networking',
]
/** `UPDATE_SCREENSHOTS=1` renews the README's pictures; otherwise they are taken and thrown away. */
const PICTURES = fileURLToPath(new URL('../pictures/', import.meta.url))

describeWithBrowser('the control room', { timeout: BROWSER_TIMEOUT_MS }, () => {
  let folder: string
  let demo: Demo
  let browser: Browser
  let page: Page
  const problems: string[] = []

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mortise-demo-'))
    demo = await startDemo({ folder }, silentNarrator)
    browser = await chromium.launch({ executablePath: inject('browser') ?? '', args: ARGUMENTS })
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
    page.setDefaultTimeout(PATIENCE_MS)
    page.on('pageerror', (error) => problems.push(error.message))
    page.on('console', (line) => line.type() === 'error' && problems.push(line.text()))
    await page.goto(demo.roomUrl)
  }, BROWSER_TIMEOUT_MS)

  afterAll(async () => {
    await browser?.close()
    await demo?.[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })

  test.each(['whatsapp', 'telegram', 'slack', 'messenger'])(
    'a message written on %s appears with its reply',
    async (platform) => {
      await page.selectOption('#platform', platform)
      await page.fill('[name=text]', `Hello from ${platform} #vip`)
      await page.click('text=Send')
      const line = `#conversation li[data-direction=in]:has-text("Hello from ${platform}")`
      await page.waitForSelector(line)
      await page.waitForSelector('#conversation li[data-direction=out]:has-text("Thank you")')
      expect(await page.getAttribute(`[data-platform=${platform}]`, 'aria-selected')).toBe('true')
    },
  )

  test('the flow lights up where something happens', async () => {
    await page.click('text=Send')
    await page.waitForSelector('#flow [data-node=messaging-sdk][data-mark=done]')
    await page.waitForSelector('#flow [data-node=extension-hooks][data-mark=done]')
  })

  test('the segments file grows, with what people marked', async () => {
    const total = async () => Number(/: (\d+) profiles/.exec(await words('#segments-key'))?.[1])
    const before = await total()
    await page.fill('[name=text]', 'Put me on the list #newsletter')
    await page.click('text=Send')
    await page.waitForSelector('#segments li:has-text("wrote-to-us, sent-text, newsletter")')
    expect(await total()).toBeGreaterThan(before)
  })

  test('markup in a message stays text, everywhere', async () => {
    const attack = `<img src=x onerror="document.title='taken'"><script>document.title='taken'</script>`
    await page.fill('[name=text]', attack)
    await page.click('text=Send')
    await page.waitForSelector('#conversation li[data-direction=out]:has-text("<script>")')
    await page.waitForSelector('#hooks li:has-text("<script>")')
    expect(await page.title()).toBe('Mortise · control room')
    expect(await page.locator('main img[src=x], main script').count()).toBe(0)
    await page.fill('[name=text]', 'Hello again')
  })

  test('a picture is stored and previewed through its signed link', async () => {
    await page.check('[name=picture]')
    await page.click('text=Send')
    const preview = page.locator('#files img').first()
    await preview.waitFor()
    await expect
      .poll(() => preview.evaluate((image) => (image as { naturalWidth?: number }).naturalWidth))
      .toBe(480)
    await page.uncheck('[name=picture]')
  })

  test.each([
    ['bad-signature', 'Answered 401; 0 messages stored, 0 replies sent.'],
    ['duplicate-storm', '50 of 50 acknowledged; 1 message stored, 1 reply sent.'],
    ['rate-limit', /^Asked to wait 3\.0 s; 1 reply sent after (3\.\d|[4-9]\.\d|\d\d\.\d) s\.$/],
    ['dropped-download', /^Broke off; asked again for bytes=\d+-; stored whole, 1 reply sent\.$/],
    ['full-disk', /^2 writes failed; stored at the next, 1 reply sent after \d+\.\d s\.$/],
    ['worker-crash', /^Process \d+ was killed; this one finished its message, 1 reply sent/],
  ])('the fault %s is injected, and what the system did is told', async (name, outcome) => {
    expect(await breakIt(name)).toMatch(outcome)
    // The reply is told a moment before the message is acknowledged.
    await expect.poll(() => words('#waiting')).toBe('nothing waits')
  })

  test('faults that two pages ask for happen one at a time, and both pages show how they end', async () => {
    const other = await browser.newPage()
    await other.goto(demo.roomUrl)
    const names = ['worker-crash', 'rate-limit', 'bad-signature', 'duplicate-storm', 'full-disk']
    for (const name of names) await page.click(`[data-fault=${name}]`)
    await other.waitForSelector('[data-fault=full-disk][aria-disabled]')
    const again = await fetch(`${demo.roomUrl}faults/full-disk`, { method: 'POST' })
    expect([again.status, await again.json()]).toEqual([
      409,
      { detail: 'This fault is under way.' },
    ])
    await other.reload()
    await other.waitForSelector('[data-fault=full-disk][aria-disabled]')
    for (const shown of [page, other]) {
      await shown.waitForSelector('[data-fault=full-disk]:not([aria-disabled])')
      expect(await shown.textContent('[data-outcome=full-disk]')).toMatch(/^2 writes failed/)
      expect(await shown.textContent('[data-outcome=bad-signature]')).toMatch(/^Answered 401; 0 /)
    }
    await other.close()
  })

  test('a page that nobody sees gives its connection back, and catches up when it is looked at', async () => {
    await see(false)
    demo.parts.narrator.step('pipeline', 'while nobody looked')
    const missed = page.locator('#steps li:has-text("while nobody looked")')
    expect(await missed.count()).toBe(0)
    await see(true)
    await missed.waitFor()
    expect(await missed.count()).toBe(1)
    expect(await page.locator('#steps li').count()).toBeLessThanOrEqual(80)
  })

  test('a dead letter is shown, and goes its way once the hook is repaired', async () => {
    expect(await breakIt('broken-hook')).toMatch(/^1 message set aside as a dead letter/)
    await page.waitForSelector('#hooks li[data-mark=refused]:has-text("0 elements for 1 record")')
    const redrive = page.locator('#dead button:has-text("redrive")')
    await page.click('#repair')
    await page.waitForSelector('#steps li:has-text("the repaired hook is deployed")')
    await redrive.click()
    await page.waitForSelector('#dead li:has-text("none")')
    await page.waitForSelector('#hooks li[data-mark=done]:has-text("kept “My parcel is lost”")')
  })

  test('a dead letter can be discarded', async () => {
    await breakIt('broken-hook')
    await page.click('#dead button:has-text("discard")')
    await page.waitForSelector('#dead li:has-text("none")')
  })

  test.each([
    ['right-key', /right key answered in \d+ ms\. The key works\./],
    ['wrong-key', /wrong key invalid_credentials \(kind auth\)\. The account's owner must enter/],
    ['no-answer', /no answer unreachable \(kind transient\)\. Nobody: nothing is known about/],
  ])('the ping %s is explained', async (name, explanation) => {
    await page.click(`[data-ping=${name}]`)
    await expect.poll(() => words('#pings li:first-child')).toMatch(explanation)
  })

  test('tabs and faults are reached by keyboard, and the focus stays', async () => {
    await page.focus('[role=tab][aria-selected=true]')
    const name = 'document.activeElement.dataset.platform'
    const before = await page.evaluate(name)
    await page.keyboard.press('ArrowRight')
    expect(await page.evaluate(name)).not.toBe(before)
    await page.keyboard.press('ArrowLeft')
    expect(await page.evaluate(name)).toBe(before)
    await page.focus('[data-fault=bad-signature]')
    await page.keyboard.press('Enter')
    await page.waitForSelector('[data-fault=bad-signature]:not([aria-disabled])')
    expect(await page.evaluate('document.activeElement.dataset.fault')).toBe('bad-signature')
  })

  test('it fits a small phone, and nothing went wrong on the page', async () => {
    await page.click('[data-platform=whatsapp]')
    await takePicture('control-room')
    await page.setViewportSize({ width: 360, height: 800 })
    await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' })
    const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth')
    expect(overflow).toBe(0)
    const duration = await page.evaluate(
      "getComputedStyle(document.querySelector('#flow rect')).transitionDuration",
    )
    expect(duration).toBe('0s')
    await takePicture('control-room-phone')
    expect(problems).toEqual([])
  })

  /** Presses the fault's button and answers with what the page tells at the end. */
  async function breakIt(name: string): Promise<string> {
    const told = page.locator(`[data-outcome=${name}]`)
    await page.click(`[data-fault=${name}]`)
    await page.waitForSelector(`[data-fault=${name}]:not([aria-disabled])`)
    await expect
      .poll(() => told.textContent(), { timeout: PATIENCE_MS })
      .not.toMatch(/^(under way.*)?$/)
    return (await told.textContent()) ?? ''
  }

  /** As a browser tells a page that its tab was left or chosen. */
  async function see(isSeen: boolean): Promise<void> {
    await page.evaluate(`
      Object.defineProperty(document, 'hidden', { value: ${!isSeen}, configurable: true })
      document.dispatchEvent(new Event('visibilitychange'))`)
  }

  async function words(selector: string): Promise<string> {
    return (await page.textContent(selector)) ?? ''
  }

  async function takePicture(name: string): Promise<void> {
    const target = process.env.UPDATE_SCREENSHOTS ? PICTURES : folder
    await mkdir(target, { recursive: true })
    await page.screenshot({ path: join(target, `${name}.png`), fullPage: name.endsWith('room') })
  }
})
