import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { telegramHtml } from '../../src/telegram/telegram-markdown.ts'

describe('telegramHtml', () => {
  it.each([
    ['**bold** and *italic* and ~~gone~~', '<b>bold</b> and <i>italic</i> and <s>gone</s>'],
    ['`a < b` **x**', '<code>a &lt; b</code> <b>x</b>'],
    [
      '```ts\nconst a = 1 & 2\n```',
      '<pre><code class="language-ts">const a = 1 &amp; 2</code></pre>',
    ],
    ['```\nplain\n```', '<pre>plain</pre>'],
    ['[name](https://example.com/?a=1&b=2)', '<a href="https://example.com/?a=1&amp;b=2">name</a>'],
    ['[bad](javascript:alert(1))', '[bad](javascript:alert(1))'],
    ['2 * 3 * 4 and a*b*c', '2 * 3 * 4 and a*b*c'],
    ['`**not bold**`', '<code>**not bold**</code>'],
    ['<script>"hi"</script>', '&lt;script&gt;&quot;hi&quot;&lt;/script&gt;'],
    ['**unfinished', '**unfinished'],
    ['**bold *and italic* ~~too~~**', '<b>bold <i>and italic</i> <s>too</s></b>'],
    ['**crossed ~~over** marks~~', '<b>crossed ~~over</b> marks~~'],
  ])('turns %s into %s', (markdown, html) => {
    expect(telegramHtml(markdown)).toBe(html)
  })

  it('never makes a tag that is not closed in order, whatever the words', () => {
    const marks = fc.constantFrom(
      '**',
      '*',
      '~~',
      '`',
      '```',
      '[',
      '](https://x.y)',
      '<b>',
      '&',
      'a',
      ' ',
      '\n',
    )
    fc.assert(
      fc.property(fc.array(marks, { maxLength: 30 }), (pieces) => {
        const open: string[] = []
        for (const [, close, name] of telegramHtml(pieces.join('')).matchAll(
          /<(\/)?(\w+)[^>]*>/g,
        )) {
          if (close) expect(open.pop()).toBe(name)
          else open.push(name ?? '')
        }
        expect(open).toEqual([])
      }),
      { numRuns: 2000 },
    )
  })
})
