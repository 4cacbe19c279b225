import { readFile } from 'node:fs/promises'
import { fromUnknown } from '@mortise/errors'
import type { RunningDemo } from '../running-demo.ts'
import type { FetchHandler } from '../server.ts'
import { createFaultLine } from './fault-line.ts'
import type { Fault } from './faults.ts'
import type { Feed } from './feed.ts'
import { createPings, PING_NAMES } from './pings.ts'
import { readRoomState } from './room-state.ts'
import { sendAsCustomer } from './send-as-customer.ts'

/** What the control room shows and does, besides the demo itself. */
export interface RoomOptions {
  feed: Feed
  faults: readonly Fault[]
}

const PAGE = {
  '/room/': ['index.html', 'text/html; charset=utf-8'],
  '/room/room.css': ['room.css', 'text/css; charset=utf-8'],
  '/room/panels.css': ['panels.css', 'text/css; charset=utf-8'],
  '/room/room.svg': ['room.svg', 'image/svg+xml'],
  '/room/room.js': ['room.js', 'text/javascript; charset=utf-8'],
  '/room/draw-flow.js': ['draw-flow.js', 'text/javascript; charset=utf-8'],
  '/room/elements.js': ['elements.js', 'text/javascript; charset=utf-8'],
} as const

/** The page runs our own script and shows our own pictures; nothing else may load. */
const SECURITY_HEADERS = {
  'content-security-policy':
    "default-src 'self'; img-src 'self' http: https:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
}

type Route = (request: Request, words: string[]) => Promise<Response> | Response

/** The control room: a page, its stream of steps, its state, and the buttons. */
export function createRoomHandler(demo: RunningDemo, options: RoomOptions): FetchHandler {
  const routes = createRoutes(demo, options)
  return async (request) => {
    const { pathname } = new URL(request.url)
    if (!isOurs(request, demo.roomUrl)) return refuse(403, 'Only its own page may.')
    try {
      const [, , first = '', ...rest] = pathname.split('/').map(decodeURIComponent)
      const route = routes[`${request.method} ${first}`]
      return withSecurity((await route?.(request, rest)) ?? (await page(pathname)))
    } catch (error) {
      if (error instanceof TypeError || error instanceof SyntaxError || error instanceof URIError)
        return refuse(400, error.message)
      const { message, kind } = fromUnknown(error)
      return refuse(500, `${message} (${kind})`)
    }
  }
}

function createRoutes(
  demo: RunningDemo,
  { feed, faults }: RoomOptions,
): Readonly<Record<string, Route>> {
  const { narrator, transport, deployHook } = demo.parts
  const pings = createPings()
  const line = createFaultLine(feed.announce)
  return {
    'GET steps': ({ headers, url }) => {
      const last = headers.get('last-event-id') ?? new URL(url).searchParams.get('after')
      return new Response(feed.stream(last), { headers: { 'content-type': 'text/event-stream' } })
    },
    'GET state': async () => Response.json(await readRoomState(demo, { pings, line })),
    'GET faults': () => Response.json(faults.map(({ inject: _, ...shown }) => shown)),
    'POST faults': (_, [name]) => {
      const fault = faults.find((candidate) => candidate.name === name)
      if (!fault) return refuse(404, 'There is no such fault.')
      if (!line.inject(fault)) return refuse(409, 'This fault is under way.')
      return new Response(null, { status: 202 })
    },
    'POST messages': async (request) => {
      await sendAsCustomer(request, demo)
      return done()
    },
    'POST dead-letters': async (_, [id = '', action]) => {
      const { deadLetters } = transport
      if (action !== 'redrive' && action !== 'discard')
        return refuse(404, 'There is no such action.')
      if (!(await deadLetters[action](id))) return refuse(404, 'There is no such dead letter.')
      const what = action === 'redrive' ? 'redriven' : 'discarded'
      narrator.step('messaging-sdk', `dead letter ${what}`, 'note')
      return done()
    },
    'POST pings': async (_, [name]) => {
      const known = PING_NAMES.find((candidate) => candidate === name)
      if (!known) return refuse(404, 'There is no such ping.')
      const { key, ok, answer } = await pings.ping(known)
      narrator.step('manifest', `ping, ${key}: ${answer}`, ok ? 'done' : 'refused')
      return done()
    },
    'POST repair': () => {
      deployHook('repaired')
      narrator.step('extension-hooks', 'the repaired hook is deployed', 'note')
      return done()
    },
  }
}

/**
 * Other sites open in the same browser can post here, too, or lead a name of theirs to this machine to read along:
 * browsers tell who asks and under which name.
 */
function isOurs({ headers, method }: Request, roomUrl: string): boolean {
  const { host, origin, port } = new URL(roomUrl)
  const isNamedRight = headers.get('host') === host || headers.get('host') === `localhost:${port}`
  if (!isNamedRight) return false
  const asker = headers.get('origin')
  return method === 'GET' || asker === null || [origin, `http://localhost:${port}`].includes(asker)
}

async function page(pathname: string): Promise<Response> {
  if (pathname === '/room')
    return new Response(null, { status: 308, headers: { location: '/room/' } })
  const [file, type] = Object.hasOwn(PAGE, pathname) ? PAGE[pathname as keyof typeof PAGE] : []
  if (!file) return refuse(404, 'There is nothing here.')
  const body = await readFile(new URL(`./page/${file}`, import.meta.url))
  return new Response(body, { headers: { 'content-type': type } })
}

function withSecurity(response: Response): Response {
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.headers.set(name, value)
  return response
}

const done = () => new Response(null, { status: 204 })

const refuse = (status: number, detail: string) =>
  withSecurity(Response.json({ detail }, { status }))
