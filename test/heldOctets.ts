import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Octets that this process holds on to, in the heap and beside it, after what is not needed any more was thrown away. */
export function heldOctets(): number {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  if (typeof collect !== 'function') throw new TypeError('the garbage collector cannot be called')
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
