import { observeTwice } from './askTwice.ts'
import type { Observe } from './probe.ts'

export const observe: Observe = ({ address, port }, net, keep, limits) =>
  observeTwice((within) => net.askTime({ address, port }, within), keep, limits)
