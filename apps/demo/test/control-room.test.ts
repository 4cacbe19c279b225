import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { describeWithBrowser } from '../../../scripts/vitest/servers.ts'
import type { Narrator } from '../src/narrator.ts'
import { type Demo, startDemo } from '../src/start-demo.ts'

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

const quiet: Narrator = { step: () => {}, chapter: () => {}, table: () => {}, say: () => {} }

describeWithBrowser('the control room', { timeout: BROWSER_TIMEOUT_MS }, () => {
  let folder: string
  let demo: Demo
  let browser: Browser
  let page: Page
  const problems: string[] = []

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mortise-demo-'))
    demo = await startDemo({ folder }, quiet)
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
      await page.fill('[name=text]', `Hello from ${platform}`)
      await page.click('text=Send')
      await page.waitForSelector(
        `#conversation li[data-direction=in]:has-text("Hello from ${platform}")`,
      )
      await page.waitForSelector('#conversation li[data-direction=out]:has-text("Thank you")')
    },
  )

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

  test('a dropped download goes on where it broke off', async () => {
    await page.click('[data-fault=dropped-download]')
    await page.waitForSelector('#steps li:has-text("in 2 attempts, 1 of them resumed")')
  })

  test('a duplicate storm is acknowledged and answered once', async () => {
    const { simulator } = demo.world.whatsapp
    const before = simulator.sent.length
    await page.click('[data-fault=duplicate-storm]')
    await page.waitForSelector('#steps li:has-text("50 times → 50 × 200")')
    await expect.poll(() => simulator.sent.length, { timeout: PATIENCE_MS }).toBe(before + 1)
    await expect.poll(() => page.textContent('#waiting')).toBe('nothing waits')
    expect(simulator.sent).toHaveLength(before + 1)
  })

  test('a killed worker loses nothing: another finishes its message, once', async () => {
    const { simulator } = demo.world.whatsapp
    const before = simulator.sent.length
    await page.click('[data-fault=worker-crash]')
    await page.waitForSelector('#steps li:has-text("killed in the middle of it")')
    await expect.poll(() => simulator.sent.length, { timeout: PATIENCE_MS }).toBe(before + 1)
  })

  test('a dead letter is shown, and goes its way once the hook is repaired', async () => {
    await page.click('[data-fault=broken-hook]')
    const redrive = page.locator('#dead button:has-text("redrive")')
    await redrive.waitFor()
    await page.click('#repair')
    await page.waitForSelector('#steps li:has-text("the repaired hook is deployed")')
    await redrive.click()
    await page.waitForSelector('#dead li:has-text("none")')
  })

  test('a wrong signature and a wrong key are refused in words', async () => {
    await page.click('[data-fault=bad-signature]')
    await page.waitForSelector('#steps li:has-text("POST with a changed body → 401")')
    await page.click('[data-ping=wrong-key]')
    await page.waitForSelector('#pings li:has-text("invalid_credentials")')
  })

  test('it fits a phone, and nothing went wrong on the page', async () => {
    await takePicture('control-room')
    await page.setViewportSize({ width: 375, height: 800 })
    await page.emulateMedia({ colorScheme: 'dark' })
    const overflow = await page.evaluate('document.body.scrollWidth - innerWidth')
    expect(overflow).toBe(0)
    await takePicture('control-room-phone')
    expect(problems).toEqual([])
  })

  async function takePicture(name: string): Promise<void> {
    const target = process.env.UPDATE_SCREENSHOTS ? PICTURES : folder
    await mkdir(target, { recursive: true })
    await page.screenshot({ path: join(target, `${name}.png`), fullPage: name.endsWith('room') })
  }
})

test('other sites cannot press the buttons', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mortise-demo-'))
  const demo = await startDemo({ folder }, quiet)
  try {
    const headers = { origin: 'https://elsewhere.example' }
    const answer = await fetch(`${demo.roomUrl}faults/duplicate-storm`, { method: 'POST', headers })
    expect(answer.status).toBe(403)
    expect(demo.world.whatsapp.simulator.sent).toEqual([])
  } finally {
    await demo[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  }
})
