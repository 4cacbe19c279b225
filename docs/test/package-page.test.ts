import { expect, test } from 'vitest'
import { packagePage } from '../generate/package-page.ts'

const item = {
  name: 'errors',
  folder: '/r/packages/errors',
  description: 'One decision',
  doors: [],
}

test('relative links of a README lead into the repository, others stay', () => {
  const readme =
    '# E\n\n[hints](#hints) [rules](../../ARCHITECTURE.md#ports) [web](https://example.com)\n'
  const page = packagePage({ ...item, readme })
  expect(page).toContain('[hints](#hints)')
  expect(page).toContain('](https://github.com/mortise/mortise/blob/main/ARCHITECTURE.md#ports)')
  expect(page).toContain('[web](https://example.com)')
})

test('a package without a README has a page that names it', () => {
  expect(packagePage({ ...item, readme: undefined })).toContain(
    '# @mortise/errors\n\nOne decision.',
  )
})
