import { fileURLToPath } from 'node:url'
import { domainArchive } from '../samba/archive.ts'
import type { Rig, Tools } from './rig.ts'
import { openRig } from './rig.ts'

/** The programs that make the network and serve as its domain controller. */
export interface DirectoryTools extends Tools {
  readonly samba: string
  readonly chronyd: string
}

const controller = fileURLToPath(new URL('../samba/controller.ts', import.meta.url))

/** Makes the network, with Samba and chronyd serving in its machine `dc`; they end with it. */
export async function openDirectory(tools: DirectoryTools): Promise<Rig> {
  const { samba, chronyd } = tools
  const archive = await domainArchive(samba)
  const rig = await openRig(tools)
  // A file system of its own to run in, and a first process that takes all others along.
  const own = ['--mount', '--pid', '--mount-proc', '--fork', '--kill-child']
  try {
    await rig.serve('dc', 'unshare', ...own, process.execPath, controller, archive, rig.folder, samba, chronyd)
  } catch (error) {
    await rig.close()
    throw error
  }
  return rig
}
