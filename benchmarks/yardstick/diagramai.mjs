// DiagramAI's WebSocket protocol (docs/protocol.md) for the yardstick's load generator.
//   client -> hello {client_id}                               server -> welcome
//   client -> subscribe {diagram_id}                          server -> snapshot {revision, diagram}
//   client -> submit {base_revision, sequence, operation}     server -> diagram_updated {changes}
// An own change (client_id is ours) is the acknowledgement.
import { randomBytes } from 'node:crypto'

// The server, started by this process, takes the signed-in person of this run from the variable.
process.env.DIAGRAMAI_BENCH_SESSION ??= randomBytes(32).toString('hex')
const headers = { cookie: `diagramai_session=${process.env.DIAGRAMAI_BENCH_SESSION}` }

/** The yardstick's edit, a list of primitives, as one operation. */
function operation (edit) {
  const op = {}
  for (const o of edit) {
    const [family, id, ...rest] = o.path
    const changes = op[family] || (op[family] = {})
    if (o.t === 'add') changes[id] = { type: 'create', element: o.value }
    else if (o.t === 'del') changes[id] = { type: 'delete' }
    else {
      const write = o.t === 'set'
        ? { type: 'set', value: o.value }
        : { type: 'text', edit: o.pos ? [o.pos, o.text] : [o.text] }
      const change = changes[id] || (changes[id] = { type: 'update', writes: {} })
      change.writes['/' + rest.join('/')] = write
    }
  }
  return op
}

/** A diagram of the yardstick as the document of POST /api/diagrams. */
function content (diagram) {
  const list = elements => Object.entries(elements).map(([id, element]) => ({ id, ...element }))
  return { nodes: list(diagram.nodes), edges: list(diagram.edges) }
}

export default function diagramai () {
  const ids = new Map() // the yardstick's document name -> our diagram id
  const indexOf = new Map() // client_id -> global client index
  return {
    maxInFlight: 1,
    url: base => `${base}/ws/diagrams`,
    wsOptions: { protocol: 'diagramai.v1', headers },

    async seed (run, docId, diagram) {
      const answer = await fetch(`${run.base.replace('ws:', 'http:')}/api/diagrams`, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify({ title: docId, format: 'reactflow', content: content(diagram) })
      })
      const body = await answer.json()
      if (!body.success) throw new Error(JSON.stringify(body))
      ids.set(docId, body.data.id)
      return { close () {} }
    },

    session (client, docId) {
      const clientId = `bench-${process.pid}-${client.run.clients.length}-${client.index}`
      indexOf.set(clientId, client.index)
      let revision = 0
      let diagram = null
      let head = ''
      const send = message => client.sendRaw(JSON.stringify(message))
      return {
        open () {
          const id = ids.get(docId)
          head = `{"type":"submit","diagram_id":${JSON.stringify(id)},"base_revision":`
          send({ type: 'hello', client_id: clientId })
          send({ type: 'subscribe', diagram_id: id })
        },
        encode (edit) { return JSON.stringify(operation(edit)) },
        send (payload, seq) {
          client.sendRaw(`${head}${revision},"sequence":${seq + 1},"operation":${payload}}`)
        },
        message (data) {
          const message = JSON.parse(data)
          if (message.type === 'diagram_updated') {
            for (const change of message.changes) {
              revision = change.revision
              if (change.client_id === clientId) client.ack(change.sequence - 1)
              else client.remote(indexOf.get(change.client_id), change.sequence - 1)
            }
          } else if (message.type === 'snapshot') {
            revision = message.revision
            diagram = message.diagram
            client.joined()
          } else if (message.type === 'rejected' || message.type === 'error') {
            client.run.stats.errors++
            client.run.stats.lastError = message
            if (client.failed) client.failed(new Error(JSON.stringify(message)))
          }
        },
        snapshot: () => ({ nodes: diagram.nodes, edges: diagram.edges })
      }
    }
  }
}
