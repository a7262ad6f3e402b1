import { IMPORT_ID, Simulator, type SimulatorOptions } from '../../simulator/ops-manager.ts';

/** A simulated Ops Manager that a scope ends. */
export interface OpsManager extends AsyncDisposable {
  readonly simulator: Simulator;
  readonly url: string;
}

/** An Ops Manager with one import, which stays PENDING. */
export async function opsManager(
  options: SimulatorOptions = {},
  port?: number
): Promise<OpsManager> {
  const imports = [{ id: IMPORT_ID, steps: [['PENDING', 0] as const] }];
  const simulator = await Simulator.start({ imports, ...options }, port);
  const close = async (): Promise<void> => simulator.close();
  return { simulator, url: simulator.url, [Symbol.asyncDispose]: close };
}
