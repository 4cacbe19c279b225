import { describe, expect, it } from 'vitest'
import { type AddressAllowance, createAddressGuard } from '../src/address-guard.ts'
import { downloadToFile, type HostLookup } from '../src/index.ts'
import { pattern, serve } from './serve.ts'
import { temporaryFolder } from './temporary-folder.ts'

const body = pattern(1000)
const refused = { kind: 'permanent', code: 'FILES_LOCAL_ADDRESS_REFUSED' }

/** Downloads with the guard as it is by default, from a loopback server under another spelling of its address. */
async function reach(
  host: string,
  options: { allow?: AddressAllowance; lookup?: HostLookup; recycleBuffers?: boolean } = {},
): Promise<{ error: unknown; connections: number }> {
  await using folder = await temporaryFolder()
  await using server = await serve((_request, response) => response.end(body))
  const error = await downloadToFile(`http://${host}:${server.port}/`, folder.file('a'), {
    maxAttempts: 1,
    ...options,
  }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  return { error, connections: server.connections }
}

describe('the address guard', () => {
  it.each([
    '127.0.0.1',
    'localhost',
    '2130706433',
    '0x7f.1',
    '0177.0.0.1',
    '127.1',
    '127.0.0.1.',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '0.0.0.0',
    '[::]',
    '169.254.169.254',
    '[fd00:ec2::254]',
    '10.0.0.1',
    '192.168.1.1',
    '172.16.0.1',
    '100.64.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '[fe80::1]',
    '[64:ff9b::7f00:1]',
    '[2002:7f00:1::]',
    '[::127.0.0.1]',
    '[4000::1]',
  ])('refuses %s and opens no connection', async (host) => {
    const { error, connections } = await reach(host)
    expect(error).toMatchObject(refused)
    expect(connections).toBe(0)
  })

  it.each([true, false])('refuses a name with a private address', async (recycleBuffers) => {
    const lookup: HostLookup = async () => [{ address: '127.0.0.1', family: 4 }]
    const { error, connections } = await reach('files.example.com', { lookup, recycleBuffers })
    expect(error).toMatchObject({ ...refused, details: { address: '127.0.0.1' } })
    expect(connections).toBe(0)
  })

  it('connects to the address it has judged, whatever the name says a moment later', async () => {
    let asked = 0
    const lookup: HostLookup = async () => {
      asked += 1
      // A public address that nobody answers at first, loopback from then on.
      return asked === 1
        ? [{ address: '192.0.2.1', family: 4 }]
        : [{ address: '127.0.0.1', family: 4 }]
    }
    const { error, connections } = await reach('rebind.example.com', {
      lookup,
      allow: { addresses: ['192.0.2.0/24'] },
    })
    expect(error).toMatchObject({ kind: 'transient' })
    expect(asked).toBe(1)
    expect(connections).toBe(0)
  }, 15_000)

  it('judges a rebound name anew when it is tried again', async () => {
    await using folder = await temporaryFolder()
    await using server = await serve((_request, response) => response.writeHead(503).end())
    let asked = 0
    const lookup: HostLookup = async () => {
      asked += 1
      return [{ address: asked === 1 ? '127.0.0.2' : '127.0.0.1', family: 4 }]
    }
    const allow = { addresses: ['127.0.0.2'] }
    const failed = downloadToFile(`http://rebind.example.com:${server.port}/`, folder.file('a'), {
      allow,
      lookup,
      maxAttempts: 2,
    })
    await expect(failed).rejects.toMatchObject(refused)
    expect(asked).toBe(2)
  })

  it('uses the public one of several addresses', async () => {
    const lookup: HostLookup = async () => [
      { address: '10.0.0.1', family: 4 },
      { address: '127.0.0.1', family: 4 },
    ]
    const { error } = await reach('two.example.com', {
      lookup,
      allow: { addresses: ['127.0.0.1'] },
    })
    expect(error).toBeUndefined()
  })

  it.each<[string, AddressAllowance]>([
    ['an address', { addresses: ['127.0.0.1'] }],
    ['a network', { addresses: ['10.0.0.0/8', '127.0.0.0/8'] }],
    ['a host', { hosts: ['127.0.0.1'] }],
    ['everything', 'anywhere'],
  ])('is opened by %s', async (_what, allow) => {
    expect(await reach('127.0.0.1', { allow })).toEqual({ error: undefined, connections: 1 })
  })

  it('is opened for a host with a port, and only for that port', async () => {
    const guard = createAddressGuard({ hosts: ['files.internal:8080', 'EXAMPLE.com:80'] })
    expect(guard.allowsHost('files.internal', '8080')).toBe(true)
    expect(guard.allowsHost('files.internal', '80')).toBe(false)
    expect(guard.allowsHost('example.com', '80')).toBe(true)
    const six = createAddressGuard({ hosts: ['[::1]:8080', '[fd00::7]'] })
    expect(six.allowsHost('::1', '8080')).toBe(true)
    expect(six.allowsHost('[::1]', '8080')).toBe(true)
    expect(six.allowsHost('::1', '80')).toBe(false)
    expect(six.allowsHost('fd00::7', '443')).toBe(true)
    expect((await reach('127.0.0.1', { allow: { hosts: ['127.0.0.1:1'] } })).error).toMatchObject(
      refused,
    )
  })

  it('is opened for one name only', async () => {
    const lookup: HostLookup = async () => [{ address: '127.0.0.1', family: 4 }]
    const allow = { hosts: ['files.internal'] }
    expect((await reach('files.internal', { lookup, allow })).error).toBeUndefined()
    expect((await reach('other.internal', { lookup, allow })).error).toMatchObject(refused)
  })

  it.each(['8.8.8.8', '2606:4700::1111', '193.99.144.80'])('lets %s pass', (address) => {
    expect(createAddressGuard(undefined).allowsAddress(address)).toBe(true)
  })

  it.each<[unknown, RegExp]>([
    ['everywhere', /'anywhere'/],
    [{ addresses: ['10.0.0.0/33'] }, /10\.0\.0\.0\/33/],
    [{ addresses: ['localhost'] }, /localhost/],
    [{ hosts: ['https://example.com/'] }, /host names/],
  ])('says what is wrong with the option %j', async (allow, message) => {
    const failed = downloadToFile('https://example.com', '/tmp/x', { allow: allow as 'anywhere' })
    await expect(failed).rejects.toThrow(TypeError)
    await expect(failed).rejects.toThrow(message)
  })

  it.each(['proxy', 'dispatcher'] as const)(
    'asks for a decision when %s hides the addresses',
    async (name) => {
      const options =
        name === 'proxy' ? { proxy: 'http://127.0.0.1:1' } : { dispatcher: {} as never }
      const failed = downloadToFile('https://example.com', '/tmp/x', options)
      await expect(failed).rejects.toThrow(new RegExp(`option ${name} hides`))
    },
  )
})
