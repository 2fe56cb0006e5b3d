/** Says before which step a process ends; after that step nothing of it happens any more. */
export type Fate = { readonly take: () => void; readonly isDead: () => boolean };

/** Thrown by every step of a process that has ended. */
export class Crashed extends Error {
  override readonly name = "Crashed";
}

/** The process ends before its step `at`, counted from one; null: it lives on. */
export function fateOf(at: number | null): Fate {
  let steps = 0;
  const isDead = () => at !== null && steps >= at;
  return {
    isDead,
    take() {
      steps += 1;
      if (isDead()) throw new Crashed("The process has ended.");
    },
  };
}

/** The same port, each call of which is one step before it is made and another one after it. */
export function mortal<Port extends object>(port: Port, fate: Fate, instant: readonly (keyof Port)[]): Port {
  return new Proxy(port, {
    get(target, name, receiver) {
      const member: unknown = Reflect.get(target, name, receiver);
      if (typeof member !== "function" || instant.some((key) => key === name)) return member;
      return async (...args: readonly unknown[]): Promise<unknown> => {
        fate.take();
        const result: unknown = await Reflect.apply(member, target, args);
        fate.take();
        return result;
      };
    },
  });
}
