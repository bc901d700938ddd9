// What asc does to a release of the engine, in place of its own optimisation: Binaryen's default one, with less inlining.
// What a packet passes through is decorated with @inline; of the rest, asc's limits would make copies without need.

/** Functions of up to so many expressions are inlined without a decorator: any, those without a call, those with one caller. */
const ALWAYS_INLINED = 4;
const INLINED = 14;
const INLINED_ONCE = 400;

export default class Optimize {
  afterCompile(module) {
    const { binaryen } = this;
    binaryen.setOptimizeLevel(3);
    binaryen.setShrinkLevel(0);
    binaryen.setFastMath(true);
    binaryen.setAlwaysInlineMaxSize(ALWAYS_INLINED);
    binaryen.setFlexibleInlineMaxSize(INLINED);
    binaryen.setOneCallerInlineMaxSize(INLINED_ONCE);
    binaryen.setAllowInliningFunctionsWithLoops(true);
    module.optimize();
  }
}
