import { type FileHandle, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { encodeRecord, parseRecords } from './log-records.ts'

/**
 * Records in files of one folder, each file removed when all of its records are done:
 *
 *     <number>.log     [ length (4 bytes) | CRC-32 of the data (4 bytes) | data ] …
 *
 * A record counts when the file system says that it is on the disk. What a crash left half written at the end of a
 * file fails its checksum and is cut off: it was never acknowledged.
 */
export class WriteAheadLog {
  readonly #options: WriteAheadLogOptions
  #file: LogFile | undefined
  #next = 1
  #waiting: Waiting[] = []
  #running: Promise<void> | undefined

  private constructor(options: WriteAheadLogOptions) {
    this.#options = options
  }

  /** Opens the log of a folder and answers what is not done yet, oldest first. */
  static async open(
    options: WriteAheadLogOptions,
  ): Promise<{ log: WriteAheadLog; records: LogRecord[] }> {
    await mkdir(options.folder, { recursive: true })
    const log = new WriteAheadLog(options)
    const records: LogRecord[] = []
    for (const number of await numbersIn(options.folder)) {
      records.push(...(await log.#replay(number)))
      log.#next = number + 1
    }
    return { log, records }
  }

  /** Resolves when the data is on the disk. Appends that come together share one sync. */
  async append(data: Buffer): Promise<LogRecord> {
    return await new Promise((resolve, reject) => {
      this.#waiting.push({ data, resolve, reject })
      this.#running ??= this.#run()
    })
  }

  /** Resolves when nothing is being written any more, and closes the file. */
  async close(): Promise<void> {
    await this.#running
    await this.#file?.finish()
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0)
      try {
        const file = await this.#currentFile()
        await file.write(batch.map(({ data }) => data))
        for (const { data, resolve } of batch) resolve(file.record(data))
      } catch (error) {
        await this.#file?.finish().catch(() => {}) // what it holds is read again at the next start
        this.#file = undefined
        for (const { reject } of batch) reject(error)
      }
    }
    this.#running = undefined
  }

  async #currentFile(): Promise<LogFile> {
    const { folder, maxFileBytes } = this.#options
    if (this.#file && this.#file.size >= maxFileBytes) {
      await this.#file.finish()
      this.#file = undefined
    }
    this.#file ??= await LogFile.create(join(folder, nameOf(this.#next++)))
    return this.#file
  }

  async #replay(number: number): Promise<LogRecord[]> {
    const path = join(this.#options.folder, nameOf(number))
    const { records, damage } = parseRecords(await readFile(path))
    // Something else than a crash: what can be read goes on, the rest is kept for a person to see.
    const damaged = damage === 'inside'
    if (damaged) this.#options.onDamage(path)
    const file = LogFile.replayed(path, { records: records.length, damaged })
    if (records.length === 0) await file.finish()
    return records.map((data) => file.record(data))
  }
}

export interface WriteAheadLogOptions {
  folder: string
  /** A file that grew to this size is followed by another. */
  maxFileBytes: number
  onDamage: (path: string) => void
}

/** Something that is on the disk until it is done. */
export interface LogRecord {
  readonly data: Buffer
  /** Says that it need not be kept any longer. */
  readonly done: () => Promise<void>
}

interface Waiting {
  readonly data: Buffer
  readonly resolve: (record: LogRecord) => void
  readonly reject: (error: unknown) => void
}

/** One file and how many of its records are not done. */
class LogFile {
  readonly #path: string
  #handle: FileHandle | undefined
  #open = 0
  #damaged = false
  size = 0

  private constructor(path: string, handle: FileHandle | undefined) {
    this.#path = path
    this.#handle = handle
  }

  static async create(path: string): Promise<LogFile> {
    const file = new LogFile(path, await open(path, 'wx', 0o600))
    await syncFolder(path)
    return file
  }

  static replayed(path: string, found: { records: number; damaged: boolean }): LogFile {
    const file = new LogFile(path, undefined)
    file.#open = found.records
    file.#damaged = found.damaged
    return file
  }

  async write(batch: readonly Buffer[]): Promise<void> {
    const bytes = Buffer.concat(batch.flatMap(encodeRecord))
    this.#open += batch.length
    this.size += bytes.length
    await this.#handle?.appendFile(bytes)
    await this.#handle?.datasync()
  }

  record(data: Buffer): LogRecord {
    return {
      data,
      done: async () => {
        this.#open -= 1
        await this.#removeWhenDone()
      },
    }
  }

  /** No record comes any more. */
  async finish(): Promise<void> {
    const handle = this.#handle
    this.#handle = undefined
    await handle?.close()
    await this.#removeWhenDone()
  }

  async #removeWhenDone(): Promise<void> {
    if (this.#open > 0 || this.#handle) return
    if (this.#damaged) await rename(this.#path, `${this.#path}.damaged`)
    else await rm(this.#path, { force: true })
  }
}

function nameOf(number: number): string {
  return `${String(number).padStart(NUMBER_DIGITS, '0')}.log`
}

const NUMBER_DIGITS = 10

async function numbersIn(folder: string): Promise<number[]> {
  const names = await readdir(folder)
  return names
    .filter((name) => /^\d+\.log$/.test(name))
    .map((name) => Number.parseInt(name, 10))
    .sort((a, b) => a - b)
}

/** A new name is on the disk when its folder is. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(join(path, '..'), 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
