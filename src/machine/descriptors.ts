import type { Look } from './look.ts'
import { limits, ok, unknown } from './look.ts'

/** What a process has open besides the sockets of its questions: files, pipes, the child that resolves names. */
const others = 40

/** Whether as many sockets may be open as a check uses at once. */
export const descriptors: Look = {
  id: 'descriptors',
  group: 'sockets',
  title: 'open sockets',
  async look({ platform, readText }, { concurrency }) {
    if (platform === 'win32') return ok('Windows has no limit that a check comes near')
    const needed = concurrency + others
    if (platform !== 'linux') {
      return unknown(`how many files may be open is not read on ${platform}; a check uses up to ${needed}`, {
        next: `ulimit -n should say ${needed} or more`,
      })
    }
    const most = openFilesOf(await readText('/proc/self/limits'))
    if (most === undefined) return unknown('/proc/self/limits does not tell how many files may be open')
    if (most === 'unlimited') return ok('any number of files may be open')
    const figures = { most, needed }
    if (most >= needed) return ok(`${most} files may be open; a check uses up to ${needed}`, { figures })
    return limits(
      `${most} files may be open, and a check uses up to ${needed}`,
      `ulimit -n ${Math.max(1024, needed)}, or check with --concurrency ${Math.max(1, most - others)}`,
      { figures },
    )
  },
}

/** The soft limit of open files in a `/proc/self/limits`. */
export function openFilesOf(text: string | undefined): number | 'unlimited' | undefined {
  const soft = /^Max open files\s+(\d{1,15}|unlimited)\b/m.exec(text ?? '')?.[1]
  return soft === undefined || soft === 'unlimited' ? soft : Number(soft)
}
