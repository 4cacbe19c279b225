import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { deadAnchors } from '../generate/dead-anchors.ts'

test('a link behind whose # nothing stands is named, others are not', () => {
  const site = siteWith({
    'index.html':
      '<h1 id="top">T</h1> <a href="/guides/a#there">a</a> <a href="/guides/a#gone">b</a>',
    'guides/a.html':
      '<h2 id="there">A</h2> <a href="#there">c</a> <a href="#away">d</a> <a href="../#top">e</a> <a href="./b.html#b">f</a>',
    'guides/b.html':
      '<h2 id="b">B</h2> <a href="https://example.com/#x">g</a> <a href="a#nor">h</a>',
  })
  expect(deadAnchors(site).sort((a, b) => a.localeCompare(b))).toEqual([
    '/: /guides/a#gone',
    '/guides/a: /guides/a#away',
    '/guides/b: /guides/a#nor',
  ])
})

function siteWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'mortise-site-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return folder
}
