-- The arithmetic of figures that are known only between two numbers. Package normalize has
-- the same rules in Go (normalize/algebra.go); interval_test.go of package warehouse holds
-- one against the other, value by value, so a rule is changed in both or in neither.
--
-- A figure is a pair (low, high), both ends inclusive. High NULL beside a low is a figure
-- without an upper end ("5,000+"); low NULL is no figure, whatever high says, and never the
-- number 0. Where a macro takes two figures they come as four arguments, and it goes from
-- the first (a) to the second (b). It answers STRUCT(low DOUBLE, high DOUBLE) unless its
-- note says otherwise, and (NULL, NULL) when an operand is no figure.
--
-- The rules are those of interval arithmetic for operands that are free of each other. The
-- answer holds every number that the operands allow, and each of its ends is reached by some
-- of them, except where a note calls it a limit or says that more may be held. There is no
-- midpoint anywhere.
--
-- Units are the caller's: figures of two units, or of processes that overlap, do not add.
-- The products keep the form 100 * (b - a) / a, whose only rounding is the division, so that
-- a change of exactly 10 percent is exactly 10. An argument stands in the text of a macro
-- several times: name a long expression in a subquery first.

-- iv is the figure low..high. No figure when low is NULL, when low > high, and when an end
-- is not a finite number.
CREATE MACRO iv(low, high) AS {
    'low': CASE WHEN isfinite(low::DOUBLE) AND coalesce(isfinite(high::DOUBLE) AND low <= high, high IS NULL) THEN low::DOUBLE END,
    'high': CASE WHEN isfinite(low::DOUBLE) AND isfinite(high::DOUBLE) AND low <= high THEN high::DOUBLE END};

-- iv_add is the sum of two counts that count nothing twice. No upper end when one has none.
CREATE MACRO iv_add(al, ah, bl, bh) AS {
    'low': al::DOUBLE + bl,
    'high': CASE WHEN al IS NOT NULL AND bl IS NOT NULL THEN ah::DOUBLE + bh END};

-- iv_sum is iv_add over rows, an aggregate: the rows' counts count nothing twice. No figure
-- without rows, and when any row is no figure, because missing is not zero: leave such rows
-- out with WHERE, and say that they are left out. It takes neither FILTER nor OVER. fsum
-- makes up for rounding, so that the order of the rows hardly ever shows in fractional counts.
CREATE MACRO iv_sum(low, high) AS {
    'low': CASE WHEN count(low) = count(*) THEN fsum(low::DOUBLE) END,
    'high': CASE WHEN count(low) = count(*) AND count(high) = count(*) THEN fsum(high::DOUBLE) END};

-- iv_diff is the change b - a, below 0 for a fall. No upper end when b has none. No figure
-- when a has no upper end: the change then has no lower end, and a figure always has one.
-- The fall, iv_diff(b, a), says what is known instead.
CREATE MACRO iv_diff(al, ah, bl, bh) AS {
    'low': CASE WHEN al IS NOT NULL THEN bl::DOUBLE - ah END,
    'high': CASE WHEN ah IS NOT NULL AND bl IS NOT NULL THEN bh::DOUBLE - al END};

-- iv_ratio is b / a for counts; 1 is no change. No upper end when b has none and when a may
-- be 0, also where b is 0. The lower end is the limit 0 when a has no upper end. No figure
-- when a is 0, and when an operand is below 0.
CREATE MACRO iv_ratio(al, ah, bl, bh) AS {
    'low': CASE WHEN al >= 0 AND bl >= 0 AND coalesce(ah > 0, true)
        THEN CASE WHEN ah IS NULL THEN 0 ELSE bl::DOUBLE / ah END END,
    'high': CASE WHEN al > 0 AND bl >= 0 THEN bh::DOUBLE / al END};

-- iv_pct is the change of a count in percent, 100 * (b / a - 1): 50 is half as much again,
-- -100 is none left. Ends, limits and what is no figure are those of iv_ratio. To none left
-- it is exactly -100, which 100 * -a / a is not for every fraction.
CREATE MACRO iv_pct(al, ah, bl, bh) AS {
    'low': CASE WHEN al >= 0 AND bl >= 0 AND coalesce(ah > 0, true)
        THEN CASE WHEN ah IS NULL OR bl = 0 THEN -100 ELSE 1e2 * (bl::DOUBLE - ah) / ah END END,
    'high': CASE WHEN al > 0 AND bl >= 0 THEN CASE WHEN bh = 0 THEN -100 ELSE 1e2 * (bh::DOUBLE - al) / al END END};

-- iv_share is the percentage that the count x is of x and the rest r together. Both ends
-- take x on both sides of the line, so it is never wider than x over the printed total and
-- never above 100. Nothing out of nothing is no share: x and rest both 0 are left out of
-- what the operands allow, and when they allow nothing else there is no figure. The lower
-- end is the limit 0 when the rest has no upper end and x is above 0; the upper end is the
-- limit 100 when x has none and the rest is above 0. No figure when an operand is below 0.
-- Without a rest it is exactly 100, which 100 * x / x is not for every fraction.
CREATE MACRO iv_share(xl, xh, rl, rh) AS {
    'low': CASE WHEN xl >= 0 AND rl >= 0 AND coalesce(xh > 0 OR rh > 0, true) THEN CASE
        WHEN rh IS NULL THEN 0
        WHEN rh = 0 THEN 100
        ELSE 1e2 * xl / (xl::DOUBLE + rh) END END::DOUBLE,
    'high': CASE WHEN xl >= 0 AND rl >= 0 AND coalesce(xh > 0 OR rh > 0, true) THEN CASE
        WHEN xh = 0 THEN 0
        WHEN xh IS NULL OR rl = 0 THEN 100
        ELSE 1e2 * xh / (xh::DOUBLE + rl) END END::DOUBLE};

-- iv_share_of is the percentage that the part x is of a printed total t, which contains x:
-- only totals of at least x are allowed, so it is never above 100. A total of 0 is left out
-- as in iv_share. The lower end is the limit 0 when t has no upper end and x is above 0. No
-- figure when t is 0, when x is above t for certain, and when an operand is below 0.
CREATE MACRO iv_share_of(xl, xh, tl, th) AS {
    'low': CASE WHEN xl >= 0 AND tl >= 0 AND coalesce(th > 0 AND xl <= th, true)
        THEN CASE WHEN th IS NULL THEN 0 WHEN xl = th THEN 100 ELSE 1e2 * xl / th END END,
    'high': CASE WHEN xl >= 0 AND tl >= 0 AND coalesce(th > 0 AND xl <= th, true) THEN CASE
        WHEN xh = 0 THEN 0
        WHEN xh < tl THEN 1e2 * xh / tl
        ELSE 100 END END::DOUBLE};

-- iv_meet is what two statements about one number, counted one way, say together: the
-- numbers in both. No figure when they have none in common: then one of them was restated.
CREATE MACRO iv_meet(al, ah, bl, bh) AS {
    'low': CASE WHEN al IS NOT NULL AND bl IS NOT NULL AND coalesce(al <= bh, true) AND coalesce(bl <= ah, true)
        THEN greatest(al, bl) END::DOUBLE,
    'high': CASE WHEN al IS NOT NULL AND bl IS NOT NULL AND coalesce(al <= bh, true) AND coalesce(bl <= ah, true)
        THEN least(ah, bh) END::DOUBLE};

-- iv_carry is the count of a year from those of its halves, when what was counted in the
-- first may be counted in the second again: an account under a FISA order that runs over
-- midsummer is one account of the year (50 U.S.C. 1874(a) lets companies report by the
-- half-year). At least the larger half, at most both. No figure when an operand is below 0.
CREATE MACRO iv_carry(al, ah, bl, bh) AS {
    'low': CASE WHEN al >= 0 AND bl >= 0 THEN greatest(al, bl) END::DOUBLE,
    'high': CASE WHEN al >= 0 AND bl >= 0 THEN ah::DOUBLE + bh END};

-- iv_dir says which way it went, a VARCHAR: up when every number of b is above every number
-- of a, down when below, same when both are exact and equal, and indeterminate otherwise:
-- the same band twice is not the same number twice. NULL when an operand is no figure.
CREATE MACRO iv_dir(al, ah, bl, bh) AS CASE
    WHEN al IS NULL OR bl IS NULL THEN NULL
    WHEN bl > ah THEN 'up'
    WHEN bh < al THEN 'down'
    WHEN al = ah AND bl = bh AND al = bl THEN 'same'
    ELSE 'indeterminate' END;

-- iv_rounded is what a printed percentage may have been before it was rounded, with as many
-- decimals as it is printed with: 58 is 57.5..58.5, cut to 0..100. Both ends belong to it,
-- because publishers round halves up or to even without saying so. No figure when p is NULL
-- or no percentage of a part. The round takes away what binary fractions add to 2.45 - 0.005.
CREATE MACRO iv_rounded(p, decimals := 0) AS {
    'low': CASE WHEN p BETWEEN 0 AND 100 THEN greatest(0, round(p::DOUBLE - 0.5 / pow(10, decimals), 9)) END::DOUBLE,
    'high': CASE WHEN p BETWEEN 0 AND 100 THEN least(100, round(p::DOUBLE + 0.5 / pow(10, decimals), 9)) END::DOUBLE};

-- iv_count_of is the whole numbers c that a percentage p allows when it is said of a count n
-- that contains c. For an exact n both ends are reached; for a band they hold all that is
-- allowed, but perhaps more. No upper end when n has none and p may be above 0. No figure
-- when no whole number fits, when n is below 0 and when p is no percentage of a part. The
-- round takes away what binary fractions add, far below what one request more would.
CREATE MACRO iv_count_of(n_low, n_high, p_low, p_high) AS {
    'low': CASE WHEN n_low >= 0 AND p_low BETWEEN 0 AND 100
        AND coalesce(ceil(round(n_low::DOUBLE * p_low / 100, 6)) <= floor(round(n_high::DOUBLE * least(p_high, 100) / 100, 6)), true)
        THEN ceil(round(n_low::DOUBLE * p_low / 100, 6)) END,
    'high': CASE WHEN n_low >= 0 AND p_low BETWEEN 0 AND 100
        AND coalesce(ceil(round(n_low::DOUBLE * p_low / 100, 6)) <= floor(round(n_high::DOUBLE * least(p_high, 100) / 100, 6)), true)
        THEN CASE WHEN p_high = 0 THEN 0 ELSE floor(round(n_high::DOUBLE * least(p_high, 100) / 100, 6)) END END::DOUBLE};

-- iv_best_rank is the best place, a BIGINT from 1, that a figure with this upper end can have
-- when the largest is first: lows are the lower ends of all competitors, its own included.
-- High NULL is a figure without an upper end. Competitors that are no figure (NULL) never
-- push it down.
CREATE MACRO iv_best_rank(high, lows) AS CASE
    WHEN high IS NULL THEN 1
    ELSE 1 + len(list_filter(lows, x -> x > high)) END;

-- iv_worst_rank is the worst place that a figure with this lower end can have: highs are the
-- upper ends of all competitors, its own included. A NULL in it, without an upper end or no
-- figure at all, may be above; equal figures share their places, so that of three exact
-- equals at the top each is first to third. NULL when low is.
CREATE MACRO iv_worst_rank(low, highs) AS CASE
    WHEN low IS NOT NULL THEN len(list_filter(highs, x -> coalesce(x >= low, true))) END;

-- iv_number prints a number with a comma between thousands and at most two decimals.
CREATE MACRO iv_number(v) AS CASE
    WHEN v = trunc(v::DOUBLE) AND abs(v) < 1e15 THEN format('{:,}', v::BIGINT)
    ELSE format('{:,}', round(v::DOUBLE, 2)) END;

-- iv_text prints a figure, a VARCHAR: 12, 0–499, ≥ 5,000 and nothing for no figure. What has
-- more than two decimals is printed wider than it is, never narrower, unless it is exact. An
-- en dash would hide a sign, so that a figure below 0 reads -499 to 499.
CREATE MACRO iv_text(low, high) AS CASE
    WHEN low IS NULL THEN ''
    WHEN low = high THEN iv_number(low)
    WHEN high IS NULL THEN '≥ ' || iv_number(floor(round(low::DOUBLE * 100, 6)) / 100)
    ELSE iv_number(floor(round(low::DOUBLE * 100, 6)) / 100) || CASE WHEN low < 0 THEN ' to ' ELSE '–' END
        || iv_number(ceil(round(high::DOUBLE * 100, 6)) / 100) END;

COMMENT ON MACRO period_label IS 'Label of a period: 2013-H1, 2012, 2014-Q1, 2013-05, 2012-12-01/2013-05-31';
COMMENT ON MACRO iv IS 'The figure low..high, both inclusive; high null has no upper end, low null is no figure';
COMMENT ON MACRO iv_add IS 'Sum of two counts that count nothing twice';
COMMENT ON MACRO iv_sum IS 'Aggregate: sum of counts that count nothing twice; no figure when any row is none';
COMMENT ON MACRO iv_diff IS 'Change from a to b, in the unit of the counts; no figure when a has no upper end';
COMMENT ON MACRO iv_ratio IS 'b / a; no upper end when a may be 0';
COMMENT ON MACRO iv_pct IS 'Change from a to b in percent; no upper end when a may be 0';
COMMENT ON MACRO iv_share IS 'Percentage of x in x and the rest together';
COMMENT ON MACRO iv_share_of IS 'Percentage of the part x in a printed total that contains it';
COMMENT ON MACRO iv_meet IS 'Numbers in both; no figure when there are none';
COMMENT ON MACRO iv_carry IS 'Count of a year from its halves, when the second may count again what the first did: at least the larger, at most both';
COMMENT ON MACRO iv_dir IS 'up, down, same or indeterminate, from a to b';
COMMENT ON MACRO iv_rounded IS 'What a percentage printed with so many decimals may have been, 58 is 57.5..58.5';
COMMENT ON MACRO iv_count_of IS 'Whole numbers that a percentage allows of a count';
COMMENT ON MACRO iv_best_rank IS 'Best place that a figure with this upper end can have among figures with these lower ends, its own included';
COMMENT ON MACRO iv_worst_rank IS 'Worst place that a figure with this lower end can have among figures with these upper ends, its own included';
COMMENT ON MACRO iv_number IS 'A number as text, 12,345.67';
COMMENT ON MACRO iv_text IS 'A figure as text: 12, 0–499, ≥ 5,000, or nothing';
