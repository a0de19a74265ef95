import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { domainArchive } from '../samba/archive.ts'
import type { Domain } from '../samba/domain.ts'
import { certificateFiles, dc } from './places.ts'
import type { Rig, Tools } from './rig.ts'
import { openRig } from './rig.ts'

/** The programs that make the network and serve as its domain controller. */
export interface DirectoryTools extends Tools {
  readonly samba: string
  readonly chronyd: string
}

const controller = fileURLToPath(new URL('../samba/controller.ts', import.meta.url))
const relay = fileURLToPath(new URL('relay.ts', import.meta.url))
const standIns = fileURLToPath(new URL('../standIns/serve.ts', import.meta.url))

/** How a controller is other than usual. */
export interface ControllerWishes {
  /** Of which domain it is; default: that of the network. */
  readonly of?: Domain
  /** Options of Samba, by its words, given the folder of the network. */
  readonly options?: (folder: string) => Promise<readonly string[]>
  /** Ports at which it then serves nothing. */
  readonly without?: readonly number[]
}

/**
 * Makes the network, with Samba and chronyd serving in its machine `dc`, and ours for what no package serves there: AD Web
 * Services, WinRM and SQL Server. They end with it.
 */
export async function openDirectory(
  tools: DirectoryTools,
  { of, options, without = [] }: ControllerWishes = {},
): Promise<Rig> {
  const { samba, chronyd } = tools
  const archive = await domainArchive(samba, of)
  const rig = await openRig(tools)
  // A file system of its own to run in, and a first process that takes all others along.
  const own = ['--mount', '--pid', '--mount-proc', '--fork', '--kill-child']
  try {
    const certificate = join(rig.folder, certificateFiles.dc)
    const ours = ['adws:9389', 'winrm:5985', 'winrms:5986', 'mssql:1433']
    await Promise.all([
      rig.serve(
        'dc',
        ...['unshare', ...own, process.execPath, controller],
        ...[archive, rig.folder, samba, chronyd, without.join(','), ...((await options?.(rig.folder)) ?? [])],
      ),
      rig.serve('dc', process.execPath, relay, dc.address),
      rig.serve('dc', process.execPath, standIns, dc.address, certificate, ...ours),
    ])
  } catch (error) {
    await rig.close()
    throw error
  }
  return rig
}
