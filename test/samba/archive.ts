import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Domain } from './domain.ts'
import { domain } from './domain.ts'

const run = promisify(execFile)
const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
const cache = fileURLToPath(new URL('../../node_modules/.cache/postern-tests/samba', import.meta.url))

/**
 * A domain as `tar` keeps it, made when it is asked for the first time: a new domain takes seconds, an unpacked one
 * none. It is made anew for another Samba, and when what makes it has changed; who comes meanwhile waits.
 *
 * @param samba the server's program
 * @returns the path of the archive
 */
export async function domainArchive(samba: string, { realm, netbios }: Domain = domain): Promise<string> {
  const { password } = domain.administrator
  const { stdout: version } = await run(samba, ['--version'])
  const key = createHash('sha256').update(version).update(password)
  for (const name of ['smb.conf', 'provision.sh']) key.update(await readFile(here(name)))
  // In a folder of its own: whatever else is in it is of an earlier make, and goes.
  const folder = join(cache, netbios.toLowerCase())
  await mkdir(folder, { recursive: true })
  const archive = join(folder, `${key.digest('hex').slice(0, 16)}.tar`)
  await run('flock', [
    join(folder, 'lock'),
    ...['unshare', '--mount', '--net', 'sh', here('provision.sh'), archive, password, realm, netbios],
  ])
  return archive
}
