import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { domain } from './domain.ts'

const run = promisify(execFile)
const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
const cache = fileURLToPath(new URL('../../node_modules/.cache/postern-tests/samba', import.meta.url))

/**
 * The domain as `tar` keeps it, made when it is asked for the first time: a new domain takes seconds, an unpacked one
 * none. It is made anew for another Samba, and when what makes it has changed; who comes meanwhile waits.
 *
 * @param samba the server's program
 * @returns the path of the archive
 */
export async function domainArchive(samba: string): Promise<string> {
  const { stdout: version } = await run(samba, ['--version'])
  const key = createHash('sha256').update(version).update(domain.administrator.password)
  for (const name of ['smb.conf', 'provision.sh']) key.update(await readFile(here(name)))
  await mkdir(cache, { recursive: true })
  const archive = join(cache, `${key.digest('hex').slice(0, 16)}.tar`)
  await run('flock', [
    join(cache, 'lock'),
    ...['unshare', '--mount', '--net', 'sh', here('provision.sh'), archive, domain.administrator.password],
  ])
  return archive
}
