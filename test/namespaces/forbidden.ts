/** Why there is no network though the programs are there. */
export const forbidden = 'this machine lets even root make no network namespace'

/** Whether something failed for a right that a container may keep from root. */
export const isForbidden = (error: unknown): boolean =>
  error instanceof Error && /Operation not permitted|Permission denied/.test(error.message)
