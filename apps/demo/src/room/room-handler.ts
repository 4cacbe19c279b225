import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { fromUnknown } from '@mortise/errors'
import { PLATFORM_NAMES, type PlatformName } from '../platforms.ts'
import type { FetchHandler } from '../server.ts'
import type { RunningDemo } from '../start-demo.ts'
import { drawPicture } from '../world/picture.ts'
import type { Fault } from './faults.ts'
import type { Feed } from './feed.ts'
import { createPings, PING_NAMES } from './pings.ts'
import { readRoomState } from './room-state.ts'

/** What the control room shows and does, besides the demo itself. */
export interface RoomOptions {
  feed: Feed
  faults: readonly Fault[]
}

const PAGE = {
  '/room/': ['index.html', 'text/html; charset=utf-8'],
  '/room/room.css': ['room.css', 'text/css; charset=utf-8'],
  '/room/room.svg': ['room.svg', 'image/svg+xml'],
  '/room/room.js': ['room.js', 'text/javascript; charset=utf-8'],
} as const

/** The page runs our own script and shows our own pictures; nothing else may load. */
const SECURITY_HEADERS = {
  'content-security-policy':
    "default-src 'self'; img-src 'self' http: https:; frame-ancestors 'none'; base-uri 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
}

const MAX_TEXT_LENGTH = 500

type Route = (request: Request, words: string[]) => Promise<Response> | Response

/** The control room: a page, its stream of steps, its state, and the buttons. */
export function createRoomHandler(demo: RunningDemo, { feed, faults }: RoomOptions): FetchHandler {
  const pings = createPings()
  const routes: Record<string, Route> = {
    'GET steps': ({ signal }) =>
      new Response(feed.stream(signal), { headers: { 'content-type': 'text/event-stream' } }),
    'GET state': async () => Response.json(await readRoomState(demo, pings)),
    'GET faults': () => Response.json(faults.map(({ inject: _, ...shown }) => shown)),
    'POST faults': async (_, [name]) => {
      const fault = faults.find((candidate) => candidate.name === name)
      if (!fault) return refuse(404, 'There is no such fault.')
      await fault.inject()
      return done()
    },
    'POST messages': async (request) => await sendAsCustomer(request, demo),
    'POST dead-letters': async (_, [id = '', action]) => {
      const { deadLetters } = demo.parts.transport
      const known = action === 'redrive' ? deadLetters.redrive(id) : deadLetters.discard(id)
      if (!(await known)) return refuse(404, 'There is no such dead letter.')
      demo.parts.narrator.step(
        'messaging-sdk',
        `dead letter ${action === 'redrive' ? 'redriven' : 'discarded'}`,
        'note',
      )
      return done()
    },
    'POST pings': async (_, [name]) => {
      const known = PING_NAMES.find((candidate) => candidate === name)
      if (!known) return refuse(404, 'There is no such ping.')
      const { key, ok, answer } = await pings.ping(known)
      demo.parts.narrator.step('manifest', `ping, ${key}: ${answer}`, ok ? 'done' : 'refused')
      return done()
    },
    'POST repair': () => {
      demo.parts.repairHook()
      demo.parts.narrator.step('extension-hooks', 'the repaired hook is deployed', 'note')
      return done()
    },
  }
  return async (request) => {
    const { pathname } = new URL(request.url)
    const [, , first = '', ...rest] = pathname.split('/').map(decodeURIComponent)
    if (request.method === 'POST' && !isOwnPage(request))
      return refuse(403, 'Only its own page may.')
    try {
      const route = routes[`${request.method} ${first}`]
      return withSecurity((await route?.(request, rest)) ?? (await page(pathname)))
    } catch (error) {
      const { message, kind } = fromUnknown(error)
      return refuse(500, `${message} (${kind})`)
    }
  }
}

/** Other sites open in the same browser can post here, too; browsers tell who asks. */
function isOwnPage(request: Request): boolean {
  const origin = request.headers.get('origin')
  return origin === null || origin === new URL(request.url).origin
}

async function sendAsCustomer(request: Request, demo: RunningDemo): Promise<Response> {
  const input = (await request.json()) as { platform?: string; text?: unknown; picture?: unknown }
  const name = PLATFORM_NAMES.find((known) => known === input.platform)
  const words = typeof input.text === 'string' ? input.text.trim().slice(0, MAX_TEXT_LENGTH) : ''
  if (!name) return refuse(400, `platform must be one of ${PLATFORM_NAMES.join(', ')}.`)
  if (!words && !input.picture) return refuse(400, 'Write something, or attach a picture.')
  const { simulator, webhookUrl } = demo.world[name]
  const answer = await simulator.post(
    input.picture ? pictureWith(words, name) : textOf(words, name),
    webhookUrl,
  )
  demo.parts.narrator.step('platform', `${name}: signed webhook → ${answer.status}`)
  return done()
}

function textOf(text: string, platform: PlatformName) {
  return { type: 'text', text, ...idOn(platform) } as const
}

function pictureWith(caption: string, platform: PlatformName) {
  const data = drawPicture(480, 300)
  return {
    type: 'media',
    kind: 'image',
    mime: 'image/png',
    filename: 'picture.png',
    data,
    caption,
    ...idOn(platform),
  } as const
}

/** Numbers of a simulated platform begin anew with each run; a store that outlives it remembers them. */
function idOn(platform: PlatformName): { id?: string } {
  return platform === 'whatsapp' ? { id: `wamid.${randomUUID()}` } : {}
}

async function page(pathname: string): Promise<Response> {
  if (pathname === '/room')
    return new Response(null, { status: 308, headers: { location: '/room/' } })
  const [file, type] = PAGE[pathname as keyof typeof PAGE] ?? []
  if (!file) return refuse(404, 'There is nothing here.')
  const body = await readFile(new URL(`./page/${file}`, import.meta.url))
  return new Response(body, { headers: { 'content-type': type } })
}

function withSecurity(response: Response): Response {
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.headers.set(name, value)
  return response
}

const done = () => new Response(null, { status: 204 })

const refuse = (status: number, detail: string) => Response.json({ detail }, { status })
