import type { Dirent } from 'node:fs'
import { lstat, mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'

const prefix = 'postern-lab-'
const ownerFile = 'owner'

/**
 * Makes a folder for a lab, and takes away what labs have left that could not: a process that was killed closes nothing.
 * Only folders go that say by which process of this machine they were made, are the user's own, and whose process is no
 * more; a folder in the making has no owner yet and stays.
 *
 * @param within the folder for temporary files
 * @throws Error when none can be made there
 */
export async function makeLabFolder(within: string = tmpdir()): Promise<string> {
  const machine = await machineName()
  await removeLeftOvers(within, machine)
  const folder = await mkdtemp(join(within, prefix))
  await writeFile(join(folder, ownerFile), ownerText(process.pid, machine))
  return folder
}

const ownerText = (pid: number, machine: string): string => `${pid} ${machine}\n`

/** In whose counting a process id means something: of this machine, and on Linux of this container. */
async function machineName(): Promise<string> {
  const space = await readlink('/proc/self/ns/pid').catch(() => '')
  return `${hostname()} ${space}`.trim()
}

/** What cannot be looked at or removed stays: it is no reason not to open a lab. */
async function removeLeftOvers(within: string, machine: string): Promise<void> {
  const entries = await readdir(within, { withFileTypes: true }).catch((): Dirent[] => [])
  const labs = entries.filter((entry) => entry.isDirectory() && entry.name.startsWith(prefix))
  for (const { name } of labs) {
    const folder = join(within, name)
    if (await isLeftOver(folder, machine).catch(() => false)) {
      await rm(folder, { recursive: true, force: true }).catch(() => {})
    }
  }
}

async function isLeftOver(folder: string, machine: string): Promise<boolean> {
  const { uid } = await lstat(folder)
  if (process.getuid !== undefined && process.getuid() !== uid) return false
  const owner = await readFile(join(folder, ownerFile), 'utf8')
  const pid = Number.parseInt(owner, 10)
  return pid > 0 && owner === ownerText(pid, machine) && !isAlive(pid)
}

/** Whether there is such a process; one of another user is there, too. */
function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH')
  }
}
