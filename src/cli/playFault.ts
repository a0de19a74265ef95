import { nearest } from '../catalog/nearest.ts'
import type { FaultId, Lab } from '../lab/index.ts'
import { makeLabFolder } from './labFolder.ts'
import type { Shell } from './shell.ts'
import { UsageError } from './shell.ts'

/**
 * The fault that goes by a name.
 *
 * @param asked how the name was given, such as `--fault`
 * @throws UsageError when none does, with the nearest that do
 */
export function faultNamed<Row extends { readonly id: string }>(name: string, faults: readonly Row[], asked = ''): Row {
  const found = faults.find(({ id }) => id === name)
  if (found !== undefined) return found
  const near = nearest(
    name,
    faults.map(({ id }) => id),
    3,
  )
  const meant = near.length === 0 ? '' : `; did you mean ${near.join(', ')}?`
  throw new UsageError(`${asked}no fault is called "${name}"${meant} (postern lab list names them)`)
}

/**
 * Opens the small network.
 *
 * @throws UsageError when this machine does not let it, with what the network needs
 */
export async function openNetwork(shell: Shell): Promise<Lab> {
  const { openLab } = await import('../lab/index.ts')
  try {
    return await openLab({ signal: shell.signal, makeFolder: () => makeLabFolder() })
  } catch (error) {
    throw inWords(error)
  }
}

/**
 * Puts a fault into the small network.
 *
 * @throws UsageError when this machine cannot play it, with what the fault needs
 */
export async function playFault(lab: Lab, id: FaultId): Promise<void> {
  try {
    await lab.inject(id)
  } catch (error) {
    // The lab says what a machine lacks as a plain Error; a TypeError and its like are mistakes of ours.
    const told = inWords(error)
    throw told instanceof Error && told.name === 'Error' ? new UsageError(told.message) : told
  }
}

/** What a process lacks when it runs out of descriptors; a check says it as the limit of the tool. */
export const tooFewFiles =
  'the small network needs more open files than this process may have: raise the limit (ulimit -n 1024) and start again'

/** A refusal of the operating system becomes a line that says what to do; whatever else went wrong stays as it is. */
function inWords(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const { code, syscall, message }: NodeJS.ErrnoException = error
  if (code === undefined || syscall === undefined) return error
  if (code === 'EMFILE' || code === 'ENFILE') return new UsageError(tooFewFiles)
  if (syscall === 'connect' || syscall === 'bind' || syscall === 'listen') {
    return new UsageError(
      code === 'ENETUNREACH' || code === 'EADDRNOTAVAIL'
        ? `the small network needs the loopback interface, and here it is down (${code}): ip link set lo up`
        : `the small network cannot use 127.0.0.1: ${message}`,
    )
  }
  return new UsageError(`the small network needs a folder for temporary files, which TMPDIR names: ${message}`)
}
