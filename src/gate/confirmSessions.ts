/** Sessions that are asked about at once: one slow answer keeps none of the others waiting, and Entra ID is not flooded. */
const mostAtOnce = 16

/**
 * Makes what asks for each session of which something is open whether it still lets in, and ends what does not. A pass
 * that is asked for while one goes on is that one: were Entra ID slow, they would heap up.
 *
 * @param stillIn what fails counts as no
 * @returns asks once; never rejects
 */
export function confirmSessions(
  sessions: () => ReadonlySet<string>,
  stillIn: (session: string) => Promise<boolean>,
  end: (session: string) => void,
): () => Promise<void> {
  let going: Promise<void> | undefined
  const pass = async (): Promise<void> => {
    // Shared by those who ask: each takes the next one.
    const left = sessions().values()
    const ask = async (): Promise<void> => {
      for (const session of left) if (!(await isStillIn(session))) end(session)
    }
    await Promise.all(Array.from({ length: mostAtOnce }, ask))
  }
  const isStillIn = async (session: string): Promise<boolean> => {
    try {
      return await stillIn(session)
    } catch {
      return false
    }
  }
  return () => {
    going ??= pass().finally(() => {
      going = undefined
    })
    return going
  }
}
