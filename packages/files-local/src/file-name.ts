import { parse } from 'content-disposition'

/** What file systems take at most, in bytes. */
const MAX_NAME_BYTES = 255
/** Names that Windows keeps for devices, with any extension. */
const RESERVED = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?$/i
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must go
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069<>:"/\\|?*]/g

/**
 * A file name for a response: the one of `Content-Disposition`, else the last part of the address, made safe for
 * every common file system. It never holds a path, a control or text-direction character, or a device name.
 */
export function fileNameOf(contentDisposition: string | undefined, url: URL): string {
  return safeFileName(dispositionName(contentDisposition) ?? lastPart(url)) ?? 'download'
}

/** Makes a name safe, or says that nothing is left of it. */
export function safeFileName(name: string): string | undefined {
  const last = name.split(/[/\\]/).at(-1) ?? ''
  const cleaned = last
    .normalize('NFC')
    .replace(UNSAFE, '')
    .replace(/^[\s.]+|[\s.]+$/g, '')
  const free = RESERVED.test(cleaned) ? `_${cleaned}` : cleaned
  return free === '' ? undefined : shorten(free)
}

function dispositionName(field: string | undefined): string | undefined {
  if (field === undefined) return undefined
  try {
    const name = parse(field).parameters.filename
    return name === undefined || name === '' ? undefined : name
  } catch {
    return undefined
  }
}

function lastPart(url: URL): string {
  const part = url.pathname.split('/').at(-1) ?? ''
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** Cuts the stem, keeps the extension. */
function shorten(name: string): string {
  if (Buffer.byteLength(name) <= MAX_NAME_BYTES) return name
  const extension = /\.[^.]{1,16}$/.exec(name)?.[0] ?? ''
  let stem = name.slice(0, name.length - extension.length)
  while (Buffer.byteLength(stem + extension) > MAX_NAME_BYTES)
    stem = [...stem].slice(0, -1).join('')
  return stem + extension
}
