import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { apiPages } from './api-pages.ts'
import { readFigures, reliabilityTables, speedTables } from './figures.ts'
import { packagePage } from './package-page.ts'
import { pictures } from './pictures.ts'
import { publishedPackages } from './published-packages.ts'

const docs = fileURLToPath(new URL('..', import.meta.url))
const packages = publishedPackages()

function write(path: string, text: string): void {
  const file = join(docs, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

for (const folder of ['generated', 'pages/api', 'pages/packages']) {
  rmSync(join(docs, folder), { recursive: true, force: true })
}

const figures = readFigures(join(docs, 'figures'))
write('generated/speed.md', speedTables(figures))
write('generated/reliability.md', reliabilityTables(figures))
for (const [name, html] of Object.entries(pictures())) write(`generated/${name}.md`, html)
for (const item of packages) write(`pages/packages/${item.name}.md`, packagePage(item))
for (const { path, text } of await apiPages(packages, join(docs, 'tsconfig.api.json'))) {
  write(`pages/api/${path}`, text)
}
