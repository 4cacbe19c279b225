import { join } from 'node:path'
import { type DownloadResult, downloadToFile } from '@mortise/files-local'
import { contentHash, type MediaPart, type MessageReceived } from '@mortise/messaging-sdk'
import { type Parts, platformOf } from '../parts.ts'

/** An attachment that is in storage. */
export interface SavedFile {
  key: string
  /** An address that anybody may open for a while. */
  url: string
  sizeBytes: number
}

const MAX_ATTACHMENT_BYTES = 25_000_000
const LINK_LIFETIME_SECONDS = 1800

/** Downloads each attachment of a message and puts it into storage, under a key made of the event's id. */
export async function saveAttachments(event: MessageReceived, parts: Parts): Promise<SavedFile[]> {
  const saved: SavedFile[] = []
  for (const [index, part] of event.parts.entries()) {
    if (part.type === 'media') saved.push(await saveOne(event, part, index, parts))
  }
  return saved
}

async function saveOne(
  event: MessageReceived,
  medium: MediaPart,
  index: number,
  parts: Parts,
): Promise<SavedFile> {
  const { path, mediaType } = await download(event, medium, index, parts)
  const key = `inbox/${contentHash(event.id)}/${index}`
  const { sizeBytes } = await parts.storage.put({
    key,
    body: { path },
    mediaType: medium.mime ?? mediaType ?? 'application/octet-stream', // not every platform tells
  })
  const { url } = await parts.storage.signUrl({
    method: 'GET',
    key,
    expiresInSeconds: LINK_LIFETIME_SECONDS,
  })
  parts.narrator.step('files-remote', `stored as ${key}, link signed for 30 minutes`)
  return { key, url, sizeBytes }
}

async function download(
  event: MessageReceived,
  medium: MediaPart,
  index: number,
  parts: Parts,
): Promise<DownloadResult> {
  const { apiUrl, channelId, service } = platformOf(event, parts)
  const address = await service.resolveMedia(medium.ref, { channelId })
  const path = join(parts.downloadFolder, `${contentHash(event.id)}-${index}`)
  const result = await downloadToFile(address.url, path, {
    headers: address.headers,
    maxBytes: MAX_ATTACHMENT_BYTES,
    sha256: address.sha256,
    ...(apiUrl && { allow: { hosts: [new URL(apiUrl).host] } }), // a simulated platform lives on loopback
  })
  const { bytes, attempts, resumed, completeness } = result
  const how = attempts === 1 ? 'at once' : `in ${attempts} attempts, ${resumed} of them resumed`
  parts.narrator.step(
    'files-local',
    `downloaded ${bytes} bytes ${how}, complete by ${completeness}`,
  )
  return result
}
