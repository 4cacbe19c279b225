import { defineConfig } from 'vitepress'
import { deadAnchors } from '../generate/dead-anchors.ts'
import { publishedPackages } from '../generate/published-packages.ts'
import { showFileNames } from './file-names.ts'
import { sidebar } from './sidebar.ts'

export default defineConfig({
  title: 'Mortise',
  description: 'Small, typed packages for people who write SaaS integrations',
  srcDir: 'pages',
  cleanUrls: true,
  lastUpdated: false,
  // A link to a page that does not exist fails the build; the generated pages are checked like the others.
  ignoreDeadLinks: false,
  buildEnd: ({ outDir }) => {
    const dead = deadAnchors(outDir)
    if (dead.length > 0) throw new Error(`Links to nowhere:\n${dead.join('\n')}`)
  },
  head: [['link', { rel: 'icon', href: '/favicon.svg' }]],
  markdown: { config: showFileNames },
  // The reference of a large package is one page.
  vite: { build: { chunkSizeWarningLimit: 1000 } },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [
      { text: 'Start here', link: '/start' },
      { text: 'Guides', link: '/guides/errors', activeMatch: '^/guides/' },
      { text: 'Recipes', link: '/recipes/hono', activeMatch: '^/recipes/' },
      { text: 'API', link: '/api/', activeMatch: '^/api/' },
    ],
    sidebar: sidebar(publishedPackages()),
    socialLinks: [{ icon: 'github', link: 'https://github.com/mortise/mortise' }],
  },
})
