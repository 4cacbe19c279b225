import type { DefaultTheme } from 'vitepress'
import type { PublishedPackage } from '../generate/published-packages.ts'

type Group = DefaultTheme.SidebarItem & { items: DefaultTheme.SidebarItem[] }

/** Every page, by what its reader wants. */
export function sidebar(packages: readonly PublishedPackage[]): Group[] {
  return [
    group('Begin', { 'Start here': '/start' }),
    group('Concepts', {
      'Kinds of errors': '/concepts/kinds',
      'Ports and doors': '/concepts/ports',
      'What is delivered': '/concepts/delivery',
    }),
    {
      text: 'Guides',
      items: packages.map(({ name }) => ({ text: name, link: `/guides/${name}` })),
    },
    group('Write your own', {
      'Storage provider': '/write/storage-provider',
      'Platform adapter': '/write/platform-adapter',
      Hook: '/write/hook',
    }),
    group('Recipes', {
      'AWS Lambda': '/recipes/lambda',
      Hono: '/recipes/hono',
      Express: '/recipes/express',
      'Next.js': '/recipes/next',
      'Cloudflare R2': '/recipes/cloudflare-r2',
      'After MinIO': '/recipes/after-minio',
      'Docker Compose': '/recipes/docker-compose',
      'A real account': '/recipes/real-account',
      'Many processes': '/recipes/scale',
    }),
    group('Come from', {
      'The plg toolbox': '/migrate/toolbox',
      'An app.json': '/migrate/app-json',
      'The S3 segments plugin': '/migrate/segments-plugin',
      'integrator-extension': '/migrate/integrator-extension',
      'A Moleculer integration': '/migrate/integration-service',
    }),
    group('Measured', { Speed: '/measured/speed', Reliability: '/measured/reliability' }),
    {
      text: 'Options and errors',
      collapsed: true,
      items: packages.map(({ name }) => ({ text: name, link: `/packages/${name}` })),
    },
    {
      text: 'API',
      collapsed: true,
      items: packages.map(({ name, doors }) => ({
        text: name,
        collapsed: true,
        items: doors.map((door) => ({ text: door.specifier, link: door.page })),
      })),
    },
  ]
}

function group(text: string, pages: Readonly<Record<string, string>>): Group {
  return { text, items: Object.entries(pages).map(([title, link]) => ({ text: title, link })) }
}
