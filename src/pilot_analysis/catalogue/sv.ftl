# Varför något inte kunde skattas. Ett satsled per kod (`errors.NotEstimable`), så som det står inom
# parentes efter ”kan inte avgöras”. Variablerna är kodens värden.
reason_all_alike = nästan alla svarade likadant
reason_all_treated = alla skolor deltog; det finns ingen skola att jämföra med
reason_answers_unasked = det är inte känt hur många som fick enkäten
reason_collinear = effekten går inte att skilja från andra förändringar
reason_constant_item = en fråga saknar variation
reason_design_unbounded = med så få skolor går det inte att beräkna något avgränsat intervall (minsta möjliga p-värde { $smallest_p })
reason_few_clusters = för få skolor deltog
reason_few_comparison = jämförelseskolorna är färre än pilotskolorna
reason_few_degrees_of_freedom = visas inte: färre än { $least } frihetsgrader
reason_few_pupils = visas inte: färre än { $least } elever
reason_few_answers = visas inte: färre än { $least } svar
reason_few_answers_in_group = visas inte: färre än { $least } svar från { $group ->
    [pilot] pilotskolorna
   *[comparison] jämförelseskolorna
  } { $period ->
    [before] före
   *[after] efter
  } starten
reason_few_of_those_asked = visas inte: färre än { $least } % svarade
reason_few_of_those_asked_in_group = visas inte: färre än { $least } % svarade vid { $group ->
    [pilot] pilotskolorna
   *[comparison] jämförelseskolorna
  } { $period ->
    [before] före
   *[after] efter
  } starten
reason_few_levels = utfallet har för få nivåer
reason_one_school_in_group = visas inte: bara en skola bland { $group ->
    [pilot] pilotskolorna
   *[comparison] jämförelseskolorna
  } { $period ->
    [before] före
   *[after] efter
  } starten
reason_infinite_values = utfallet har oändliga värden
reason_missing_baseline = terminen före starten saknas
reason_missing_cells = några skolor saknar uppgifter för vissa terminer
reason_no_cost = registret över insatsen saknar kostnadsuppgifter
reason_no_eligible = ingen elev omfattas av urvalsregeln
reason_no_first_stage = insatsen påverkade inte vilka elever som fick en mentor
reason_no_interval = inget intervall kunde beräknas
reason_no_specification = ingen modellvariant kunde skattas
reason_no_terms_around_start = det saknas terminer före eller efter starten
reason_no_treated = det finns inga pilotskolor av det slaget
reason_no_untreated = det finns inga jämförelseskolor
reason_no_values = det finns inga uppgifter om utfallet
reason_no_variation = utfallet varierar inte
reason_not_asked = ingen fick enkäten
reason_one_school_decides = skattningen förutsätter att varje skola är med
reason_one_school = visas inte: bara en skola
reason_outcome_in_logs = utfallet är noll någonstans, så kvoten kan inte beräknas
reason_separated = deltagandet förutsäger utfallet helt
reason_selection_term_missing = urvalsterminen { $term } finns inte i underlaget
reason_several_starts = skolorna började olika terminer
reason_slope_undetectable = den här jämförelsen skulle inte upptäcka en gradvis förskjutning av någon storlek (80 % styrka)
reason_table_missing = underlaget saknar { $table }
reason_treatment_ends = några skolor slutade, vilket metoden inte klarar
reason_unknown_term = för en av terminerna saknas uppgifter om eleverna

# Hur intervall och p-värde beräknades (`method`).
method_CR1 = klusterrobust (CR1), t med G - 1 frihetsgrader
method_CR2 = klusterrobust (CR2), Satterthwaites frihetsgrader
method_CR3 = jackknife över skolor (CR3)
method_jackknife = jackknife över skolor
method_randomization_t = randomiseringstest, studentiserat
method_randomization_coefficient = randomiseringstest, koefficient
method_wild_bootstrap_rademacher = wild cluster bootstrap, Rademachervikter
method_wild_bootstrap_webb = wild cluster bootstrap, Webbvikter
method_least_favourable = t-test på skolnivå, minst gynnsamma kvot mellan varianserna
method_welch = t-test på skolnivå (Welch)
method_CR3_welch = jackknife över skolor (CR3), frihetsgrader per grupp
method_pooled = t-test på skolnivå, lika varianser
method_ibragimov_mueller = t-test på skolnivå (Ibragimov och Müller)
method_CR2_rubin = klusterrobust (CR2), Rubins regler över imputeringar
method_anderson_rubin_CR2 = Anderson-Rubin med CR2
method_anderson_rubin_randomization_t = Anderson-Rubin med randomiseringstest
method_bonferroni = Bonferroni
method_placebo_units = placebotest bland jämförelseskolorna
method_fieller = Fiellers intervall, känd kostnad
method_none = ingen

# Utfall: rubrik, och namnet som subjekt i en mening.
outcome_absence_share = Frånvaron
    .subject = Frånvaron
outcome_invalid_absence_share = Den ogiltiga frånvaron
    .subject = Den ogiltiga frånvaron
outcome_persistent_absence = Andelen elever med minst { $persistent_absence } frånvaro
    .subject = Andelen elever med minst { $persistent_absence } frånvaro
outcome_reporting_rate = Andelen rapporterad lektionstid
    .subject = Andelen rapporterad lektionstid
outcome_goals_share_registered = Andelen påbörjade ämnen eller kurser med minst E
    .subject = Andelen påbörjade ämnen eller kurser med minst E
outcome_goals_share = Andelen betygsatta ämnen eller kurser med minst E
    .subject = Andelen betygsatta ämnen eller kurser med minst E
outcome_goals_all = Andelen elever med minst E i alla ämnen eller kurser
    .subject = Andelen elever med minst E i alla ämnen eller kurser
outcome_graded_share = Andelen påbörjade ämnen eller kurser som betygsattes
    .subject = Andelen påbörjade ämnen eller kurser som betygsattes
outcome_merit = Meritvärdet
    .subject = Meritvärdet
outcome_eligible_vocational = Andelen behöriga till yrkesprogram
    .subject = Andelen behöriga till yrkesprogram
outcome_eligible_academic = Andelen behöriga till högskoleförberedande program
    .subject = Andelen behöriga till högskoleförberedande program
outcome_grade_points = Betygspoängen
    .subject = Betygspoängen
outcome_points_passed = Godkända kurspoäng per termin
    .subject = Godkända kurspoäng per termin
outcome_hours_other = Lärarnas timmar i veckan på annat än undervisning
    .subject = Lärarnas timmar i veckan på annat än undervisning
outcome_hours_teaching = Lärarnas timmar i veckan på undervisning
    .subject = Lärarnas timmar i veckan på undervisning
outcome_workload_index = Lärarnas index för arbetsbelastning (1 till 5)
    .subject = Lärarnas index för arbetsbelastning (1 till 5)
outcome_safety_index = Elevernas trygghetsindex (0 till 10)
    .subject = Elevernas trygghetsindex (0 till 10)
outcome_response = Andelen som svarade
    .subject = Andelen som svarade

# Effekternas enheter.
unit_percentage_points = procentenheter
unit_merit_points = meritpoäng
unit_grade_points = betygspoäng
unit_course_points = kurspoäng
unit_hours_a_week = timmar i veckan
unit_index_points = indexpoäng

# Skolformer, inne i en mening.
form_GR = högstadiet
form_GY = gymnasiet

# Elevernas bakgrund.
covariate_girl = Flickor
covariate_foreign_background = Utländsk bakgrund
covariate_newly_arrived = Nyanlända
covariate_parental_education_low = Föräldrar: grundskola
covariate_parental_education_high = Föräldrar: eftergymnasial utbildning
