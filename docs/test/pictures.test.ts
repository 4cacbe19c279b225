import { expect, test } from 'vitest'
import { type Drawing, drawBoxes } from '../generate/draw-boxes.ts'
import { pictures } from '../generate/pictures.ts'
import { publishedPackages } from '../generate/published-packages.ts'

test('the flow shows every package, on wide pages and on phones', () => {
  const { flow = '' } = pictures()
  for (const { name } of publishedPackages())
    expect(flow.split(`class="title">${name}<`)).toHaveLength(3)
})

test('nothing overlaps, and everything stands inside', () => {
  for (const picture of Object.values(pictures())) {
    for (const [, width, height, body = ''] of picture.matchAll(
      /viewBox="0 0 (\d{3}) (\d+)">(.*?)<\/svg>/g,
    )) {
      const boxes = [...body.matchAll(/<rect x="(-?\d+)" y="(-?\d+)"/g)].map(([, x, y]) => [
        Number(x),
        Number(y),
      ])
      expect(boxes.length).toBeGreaterThan(4)
      for (const [index, [x = 0, y = 0]] of boxes.entries()) {
        expect(x >= 0 && y >= 0 && x + 152 <= Number(width) && y + 52 <= Number(height)).toBe(true)
        for (const [otherX = 0, otherY = 0] of boxes.slice(index + 1))
          expect(Math.abs(x - otherX) >= 152 || Math.abs(y - otherY) >= 52).toBe(true)
      }
    }
  }
})

test('a box without a place is named', () => {
  const layout = { width: 342, height: 100, places: { one: [77, 28] as const } }
  const drawing: Drawing = {
    label: 'Two',
    boxes: { one: { title: 'one', words: '' }, two: { title: 'two', words: '' } },
    ways: [{ from: 'one', to: 'two' }],
    layouts: { wide: layout, narrow: layout },
  }
  expect(() => drawBoxes(drawing)).toThrow('The box two has no place')
})
