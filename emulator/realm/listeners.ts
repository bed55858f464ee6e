/**
 * The two listeners of a realm: the public one, and the endpoint of the durable client. Their addresses are needed before
 * the app loads, their handlers exist only after.
 */
import { handlePublic, handleRpc, holdsClock, isStreamed, type GatewayHost } from '../http/gateway';
import type { HttpAnswer, HttpMessage } from '../http/message';
import { listen, type Listener } from '../http/server';
import type { Engine } from '../loop/engine';
import { answered } from './durable';

/** Core Tools' own. */
const USUAL_PORT = 7071;

export interface Listeners {
  port: number;
  rpcPort: number;
  /** a call of the durable client, without TCP */
  rpc(m: HttpMessage): Promise<HttpAnswer>;
  /** requests are answered from here on; those that came before have waited */
  serve(gateway: GatewayHost): void;
  close(): Promise<void>;
}

/** Rejects when the port is in use; without one, takes the usual port or any free one. */
export async function openListeners(port: number | null, engine: Engine): Promise<Listeners> {
  let gateway: GatewayHost | null = null;
  let loaded = (): void => undefined;
  const loading = new Promise<void>((resolve) => (loaded = resolve));
  const ready = async (): Promise<GatewayHost> => {
    if (!gateway) await loading;
    return gateway as unknown as GatewayHost;
  };
  const hold = (): (() => void) => {
    engine.hold();
    return () => engine.release();
  };
  const handle = async (m: HttpMessage): Promise<HttpAnswer> => handlePublic(gateway ?? (await ready()), m);
  const answer = (m: HttpMessage): Promise<HttpAnswer> => answered(engine, () => handle(m), true);
  const openPublic = (at: number): Promise<Listener> =>
    listen(
      at,
      (target) => (holdsClock(target) ? hold() : () => undefined),
      answer,
      (method, target) => gateway !== null && isStreamed(gateway, method, target),
    );
  const publicSide = await openPublic(port ?? USUAL_PORT).catch((error: unknown) => {
    if (port !== null) throw error;
    return openPublic(0);
  });
  const handleCall = async (m: HttpMessage): Promise<HttpAnswer> => handleRpc(gateway ?? (await ready()), m);
  const rpc = (m: HttpMessage): Promise<HttpAnswer> => answered(engine, () => handleCall(m), false);
  const rpcSide = await listen(0, hold, rpc);
  return {
    port: publicSide.port,
    rpcPort: rpcSide.port,
    rpc,
    serve(g) {
      gateway = g;
      loaded();
    },
    close: async () => void (await Promise.all([publicSide.close(), rpcSide.close()])),
  };
}
