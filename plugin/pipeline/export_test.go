package pipeline

// AtStep has fn called before each effect, with the name of the step.
func (g *Gate) AtStep(fn func(step string)) { g.beforeStep = fn }
