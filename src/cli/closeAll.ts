/**
 * Ends everything that was opened, the last one first, one after another, whatever comes of each: what is behind one that
 * cannot be ended still has something to write.
 *
 * @param opened what ends each part; empty afterwards
 * @returns what the parts threw
 */
export async function closeAll(opened: (() => unknown)[]): Promise<readonly unknown[]> {
  const errors: unknown[] = []
  for (const close of opened.splice(0).reverse()) {
    try {
      await close()
    } catch (error) {
      errors.push(error)
    }
  }
  return errors
}
