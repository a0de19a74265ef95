import type { FaultId, Lab } from '../lab/index.ts'
import { UsageError } from './shell.ts'

/**
 * Puts a fault into the small network.
 *
 * @throws UsageError when this machine cannot play it, with what the fault needs
 */
export async function playFault(lab: Lab, id: FaultId): Promise<void> {
  try {
    await lab.inject(id)
  } catch (error) {
    // The lab and the platform say what a machine lacks as a plain Error; a TypeError and its like are mistakes of ours.
    if (error instanceof Error && error.name === 'Error') throw new UsageError(error.message)
    throw error
  }
}
