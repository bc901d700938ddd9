// What asc does to a release of the engine, in place of its own optimisation: Binaryen's default one, with less inlining.
// What a packet passes through is decorated with @inline; of the rest, asc's limits would make copies without need.

/** Functions of so many expressions, and so many where there is but one caller, are inlined without a decorator. */
const INLINED = 4;
const INLINED_ONCE = 200;

export default class Optimize {
  afterCompile(module) {
    const { binaryen } = this;
    binaryen.setOptimizeLevel(3);
    binaryen.setShrinkLevel(0);
    binaryen.setFastMath(true);
    binaryen.setAlwaysInlineMaxSize(INLINED);
    binaryen.setFlexibleInlineMaxSize(INLINED);
    binaryen.setOneCallerInlineMaxSize(INLINED_ONCE);
    binaryen.setAllowInliningFunctionsWithLoops(true);
    // Functions of one file resemble each other, which gzip sees only when they stay together.
    binaryen.addPassToSkip("reorder-functions");
    module.optimize();
  }
}
