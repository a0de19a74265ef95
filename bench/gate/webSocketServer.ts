/** A backend that takes every WebSocket and says nothing. `PORT`. */
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import process from 'node:process'
import { webSocketAccept } from '../../src/wire/websocket.ts'

const server = createServer((_, response) => response.end())
server.on('upgrade', (request, socket) => {
  const accept = webSocketAccept(request.headers['sec-websocket-key'] ?? '', (octets) =>
    createHash('sha1').update(octets).digest(),
  )
  socket.on('error', () => {})
  socket.on('end', () => socket.end())
  socket.resume()
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: ${accept}\r\n\r\n`,
  )
})
server.listen(Number(process.argv[2]), '127.0.0.1', 4096)
