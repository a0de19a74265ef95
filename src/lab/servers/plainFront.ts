import { createServer, type RequestListener } from 'node:http'
import { type Doorway, openDoorway } from './doorway.ts'

/** A server of plain HTTP behind one port, whose answers can be changed while it runs. */
export interface PlainFront extends Doorway {
  /** Answers in another way from now on; returns what undoes it. */
  conduct(answers: RequestListener): () => void
}

export async function openPlainFront(
  place: { readonly address: string; readonly port: number },
  usual: RequestListener,
): Promise<PlainFront> {
  let answers = usual
  const http = createServer((request, response) => answers(request, response))
  const door = await openDoorway(place, (socket) => http.emit('connection', socket))
  return {
    ...door,
    conduct(others) {
      const before = answers
      answers = others
      return () => {
        answers = before
      }
    },
  }
}
